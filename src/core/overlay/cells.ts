// Cells of circuits (OVERLAY.md, "Circuits"): type (1) ‖ circuit (4) ‖ kind (1) ‖ body. The circuit's number means something on
// one link only; a relay writes another into the same cell.
import { KithError } from '../errors.ts';
import { frameTypes } from './frames.ts';
import { CELL_COST, MAX_CELL_BYTES } from './limits.ts';

export const cellKinds = { open: 1, opened: 2, data: 3, credit: 4, close: 5 } as const;
export type CellKind = (typeof cellKinds)[keyof typeof cellKinds];

/** Why a circuit ends. */
export const closeReasons = { done: 0, noRoute: 1, refused: 2, lost: 3 } as const;
export type CloseReason = keyof typeof closeReasons;

const NUMBER_AT = 1;
const KIND_AT = 5;
const BODY_AT = 6;
/** In a data cell the body begins with this: 1 in the last cell of a frame. */
const LAST_AT = BODY_AT;
const PIECE_AT = LAST_AT + 1;
export const MAX_PIECE_BYTES = MAX_CELL_BYTES - PIECE_AT;

export function makeCell(kind: CellKind, body: Uint8Array): Uint8Array {
  const cell = new Uint8Array(BODY_AT + body.length);
  cell[0] = frameTypes.cell;
  cell[KIND_AT] = kind;
  cell.set(body, BODY_AT);
  return cell;
}

/** A frame as its cells. */
export function cellsOf(frame: Uint8Array): Uint8Array[] {
  const cells: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < frame.length; start += MAX_PIECE_BYTES) {
    const piece = frame.subarray(start, start + MAX_PIECE_BYTES);
    const cell = new Uint8Array(PIECE_AT + piece.length);
    cell[0] = frameTypes.cell;
    cell[KIND_AT] = cellKinds.data;
    cell[LAST_AT] = start + MAX_PIECE_BYTES >= frame.length ? 1 : 0;
    cell.set(piece, PIECE_AT);
    cells.push(cell);
  }
  return cells;
}

export function creditCell(amount: number): Uint8Array {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, amount);
  return makeCell(cellKinds.credit, body);
}

/** `place`: where on the path it ended, for those who asked for the circuit. */
export function closeCell(reason: CloseReason, place = 0): Uint8Array {
  return makeCell(cellKinds.close, Uint8Array.of(closeReasons[reason], place));
}

/** @throws KithError 'frame-malformed' for a cell without a header, too large, or of a kind we do not know. */
export function readCell(cell: Uint8Array): { number: number; kind: CellKind; body: Uint8Array } {
  const kind = cell[KIND_AT] as CellKind;
  if (cell.length < BODY_AT || cell.length > MAX_CELL_BYTES || kind < cellKinds.open || kind > cellKinds.close) {
    throw new KithError('frame-malformed');
  }
  const number = new DataView(cell.buffer, cell.byteOffset).getUint32(NUMBER_AT);
  return { number, kind, body: cell.subarray(BODY_AT) };
}

export function renumber(cell: Uint8Array, number: number): Uint8Array {
  new DataView(cell.buffer, cell.byteOffset).setUint32(NUMBER_AT, number);
  return cell;
}

/** What a data cell counts in a window. */
export function costOf(cell: Uint8Array): number {
  return cell.length + CELL_COST;
}

/**
 * All pieces of a frame but the last are full: else one frame could come in so many that they fill the memory.
 * @throws KithError 'frame-malformed' for a body that is none
 */
export function readPiece(body: Uint8Array): { last: boolean; piece: Uint8Array } {
  const last = body[0] === 1;
  const piece = body.subarray(1);
  if (body.length === 0 || (body[0] as number) > 1 || (!last && piece.length < MAX_PIECE_BYTES)) {
    throw new KithError('frame-malformed');
  }
  return { last, piece };
}

/** @throws KithError 'frame-malformed' */
export function readCredit(body: Uint8Array): number {
  if (body.length !== 4) throw new KithError('frame-malformed');
  return new DataView(body.buffer, body.byteOffset).getUint32(0);
}

/** @throws KithError 'frame-malformed' */
export function readClose(body: Uint8Array): { reason: number; place: number } {
  if (body.length !== 2) throw new KithError('frame-malformed');
  return { reason: body[0] as number, place: body[1] as number };
}
