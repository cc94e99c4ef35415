// Which tests judge the mutants of a room: its own, the vectors of crypto and session, the contract of stored files, and the scenarios
// that rest most on transfer. They must be quick, for every mutant runs those of them that reach it; the quickest stand first,
// since the first that fails ends the run.
export const rooms = {
  crypto: ['tests/unit/crypto', 'tests/vectors/own'],
  session: [
    'tests/unit/session/handshake-steps',
    'tests/unit/session/shake',
    'tests/unit/session/keys',
    'tests/unit/session/noise/cipher-state',
    'tests/unit/session/sealer',
    'tests/unit/session/inbox',
    'tests/unit/session/channel',
    'tests/unit/session/noise',
    'tests/unit/session/session-handshake',
    'tests/vectors/own',
    'tests/unit/session',
  ],
  chat: [
    'tests/unit/chat/recent',
    'tests/unit/chat/ledger',
    'tests/unit/chat/delivery',
    'tests/unit/chat/inbox',
    'tests/unit/chat/receipts',
    'tests/unit/chat/outbox',
    'tests/unit/chat/writing',
    'tests/unit/chat/files',
    'tests/unit/chat/housekeeping',
    'tests/unit/chat/ends',
    'tests/unit/chat/resync',
    'tests/unit/chat/no-room',
    'tests/unit/chat/mending',
    'tests/unit/chat/notes',
    'tests/unit/chat/apart',
    'tests/unit/chat/chat',
  ],
  transfer: ['tests/unit/transfer', 'tests/contract/blob-store-memory', 'tests/scenario/transfer'],
  group: [
    'tests/unit/group/conversation',
    'tests/unit/group/places',
    'tests/unit/group/order',
    'tests/unit/group/ranges',
    'tests/unit/group/allowance',
    'tests/unit/group/broadcast',
    'tests/unit/group/exchange',
    'tests/unit/group/fetching',
    'tests/unit/group/intake',
    'tests/unit/group/neighbours',
    'tests/unit/group/readers',
    'tests/unit/group/receipts',
    'tests/unit/group/sharing',
    'tests/unit/group/giving',
    'tests/unit/group/swarm',
    'tests/unit/group/files',
    'tests/unit/group/history',
    'tests/unit/group/keys',
    'tests/unit/group/membership/bits',
    'tests/unit/group/membership/log',
    'tests/unit/group/membership/admission',
    'tests/unit/group/membership/views',
    'tests/unit/group/membership/joining',
    'tests/unit/group/membership/forks',
    'tests/unit/group/gossip',
    'tests/unit/group/membership/conflicts',
    'tests/unit/group/membership/junk',
    'tests/property/groups',
  ],
  // What joins its rooms: judged by whole groups too, who would be too slow for the others.
  'group-whole': [
    'tests/unit/group/once',
    'tests/unit/group/lines',
    'tests/unit/group/links',
    'tests/unit/group/reading',
    'tests/unit/group/writing',
    'tests/unit/group/events',
    'tests/unit/group/conversation',
    'tests/unit/group/gossip',
    'tests/unit/group/cost',
    'tests/scenario/group.test.ts',
  ],
} as const;

/** Files of a room that are mutated. */
export const filesOf = (room: Room): string[] => {
  if (room === 'group') return ['src/core/group/*/**/*.ts'];
  return [room === 'group-whole' ? 'src/core/group/*.ts' : `src/core/${room}/**/*.ts`];
};

export type Room = keyof typeof rooms;
