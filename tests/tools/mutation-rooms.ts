// Which tests judge the mutants of a room: its own, the vectors of crypto and session, the contract of stored files, and the scenarios
// that rest most on chat and transfer. They must be quick, for every mutant runs those of them that reach it; the quickest stand first,
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
  chat: ['tests/unit/chat', 'tests/scenario/two-people', 'tests/scenario/power-cut'],
  transfer: [
    'tests/unit/transfer',
    'tests/contract/blob-store-memory',
    'tests/scenario/transfer',
    'tests/scenario/prepared-files',
  ],
  group: [
    'tests/unit/group/conversation',
    'tests/unit/group/fetching',
    'tests/unit/group/files',
    'tests/unit/group/history',
    'tests/unit/group/keys',
    'tests/unit/group/membership/rules',
    'tests/unit/group/membership/views',
    'tests/unit/group/membership/joining',
    'tests/unit/group/membership/forks',
    'tests/unit/group/gossip',
    'tests/unit/group/membership/conflicts',
  ],
} as const;

export type Room = keyof typeof rooms;
