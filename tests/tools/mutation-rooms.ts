// Which tests judge the mutants of a room: its own, the vectors of crypto and session, and the scenarios that rest most on transfer. They
// must be quick, for every mutant runs those of them that reach it; the quickest stand first, since the first that fails ends the run.
export const rooms = {
  crypto: ['tests/unit/crypto', 'tests/vectors/own'],
  session: ['tests/unit/session', 'tests/vectors/own'],
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
    'tests/unit/chat/chat',
  ],
  transfer: ['tests/unit/transfer', 'tests/scenario/transfer', 'tests/scenario/prepared-files'],
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
