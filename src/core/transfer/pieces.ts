// How a file without its metadata is described, so that no copy of the rest is made.

/** A part of the file that stays, or bytes that take the place of some. */
export type Piece = { readonly start: number; readonly end: number } | Uint8Array<ArrayBuffer>;
