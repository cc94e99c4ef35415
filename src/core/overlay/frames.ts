// Frames between neighbours (OVERLAY.md, "Frames"): the first byte says what it is.

export const frameTypes = {
  hello: 1,
  /** The link is closed on purpose. */
  goodbye: 2,
  /** You stand in my table, or no longer do. */
  table: 3,
  ping: 4,
  pong: 5,
  packet: 6,
  noRoute: 7,
  cell: 8,
  alias: 9,
} as const;

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export const goodbyes = { leaving: 0, noRoom: 1, duplicate: 2, misbehaved: 3 } as const;
export type Goodbye = keyof typeof goodbyes;
