// Which tests judge the mutants of a room: those of the room itself, and the few above it that rest on it most. They must be quick, for
// every mutant runs those of them that reach it.
export const rooms = {
  crypto: ['tests/unit/crypto', 'tests/vectors/own', 'tests/unit/session/noise', 'tests/unit/transfer/unit'],
  session: ['tests/unit/session', 'tests/vectors/own', 'tests/scenario/altered-frames'],
  chat: ['tests/unit/chat', 'tests/scenario/two-people', 'tests/scenario/power-cut'],
  transfer: ['tests/unit/transfer', 'tests/scenario/transfer', 'tests/scenario/prepared-files'],
  group: ['tests/unit/group', 'tests/scenario/group.test', 'tests/scenario/group-catch-up'],
} as const;

export type Room = keyof typeof rooms;
