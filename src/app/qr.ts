// A text as a QR code: where its dark squares are; ui/ draws them. The encoder is loaded when the first one is shown.

export interface QrPicture {
  /** Squares to a side, with the quiet zone around. */
  readonly size: number;
  /** The dark ones as a path of SVG, one unit a square. */
  readonly path: string;
}

/** Light squares around the symbol, without which it is not found: ISO/IEC 18004, "quiet zone". */
const QUIET_ZONE = 4;
/** Finer than version 25 (117 squares to a side), a phone's camera no longer tells the squares apart on another's screen. */
const MAX_SIZE = 117 + 2 * QUIET_ZONE;
/** What one hand-held picture may get wrong is mended up to 15 %, and 7 % where the squares would become too small. */
const LEVELS = ['medium', 'low'] as const;

/**
 * For texts in which case means nothing (Bech32): capitals take a third less room.
 * null: too long for a code that can be scanned.
 */
export async function drawQr(text: string): Promise<QrPicture | null> {
  const { encodeQR } = await import('qr');
  for (const ecc of LEVELS) {
    const rows = squares(() => encodeQR(text.toUpperCase(), 'raw', { ecc, border: QUIET_ZONE }));
    if (rows !== null && rows.length <= MAX_SIZE) return { size: rows.length, path: rows.map(runs).join('') };
  }
  return null;
}

/** null: it holds more than any code can. */
function squares(encode: () => boolean[][]): boolean[][] | null {
  try {
    return encode();
  } catch {
    return null;
  }
}

/** One rectangle for each run of dark squares, so that no seams show between them. */
function runs(row: readonly boolean[], y: number): string {
  const line = row.map((dark) => (dark ? '#' : ' ')).join('');
  return [...line.matchAll(/#+/g)]
    .map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`)
    .join('');
}
