import decodeQR from 'qr/decode.js';
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { drawQr, type QrPicture } from '../../../src/app/qr.ts';
import { encodeCard, parseCard } from '../../../src/core/identity/card.ts';
import { decodeInvitation, encodeInvitation } from '../../../src/core/overlay/doors/door-text.ts';

/** Pixels to a square, as on a small screen. */
const SCALE = 3;

/** What a camera sees. */
function photograph({ size, path }: QrPicture) {
  const side = size * SCALE;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let line = 0; line < SCALE; line++) {
      const start = (Number(y) * SCALE + line) * side + Number(x) * SCALE;
      for (let at = start; at < start + Number(run) * SCALE; at++) data.fill(0, at * 4, at * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

/** With a signal of so many bytes. */
const invitation = (bytes: number) =>
  encodeInvitation({
    id: new Uint8Array(8).fill(7),
    madeAt: 1_760_000_000_000,
    signal: seededRandom(bytes).bytes(bytes),
  });

// 140 bytes are usual; 700 are a description that could not be made compact.
it.each([140, 300, 700])('an invitation around a signal of %i bytes is read back from its code', async (bytes) => {
  const text = invitation(bytes);
  const picture = await drawQr(text);
  const read = decodeQR(photograph(picture as QrPicture), { timeLimit: Number.POSITIVE_INFINITY });
  expect(read).toBe(text.toUpperCase());
  expect(decodeInvitation(read)).toEqual(decodeInvitation(text));
});

it('a card is the smallest code that holds it: in capitals, alphanumeric mode, version 4 (33 squares to a side)', async () => {
  const text = encodeCard({ fingerprint: new Uint8Array(32).fill(9), secret: new Uint8Array(16).fill(7) });
  const picture = (await drawQr(text)) as QrPicture;
  // As bytes it would be version 6: ISO/IEC 18004, table 7, 90 alphanumeric characters or 84 bytes at level M of versions 4 and 5.
  expect(picture.size).toBe(33 + 2 * 4);
  expect(parseCard(decodeQR(photograph(picture), { timeLimit: Number.POSITIVE_INFINITY }))).toEqual(parseCard(text));
});

it('an invitation of the usual size has squares that the camera of a phone can tell apart', async () => {
  expect((await drawQr(invitation(140)))?.size).toBeLessThanOrEqual(61);
});

it('a quiet zone of four squares is left around', async () => {
  const { size, path } = (await drawQr(invitation(140))) as QrPicture;
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    expect(Math.min(Number(x), Number(y))).toBeGreaterThanOrEqual(4);
    expect(Math.max(Number(x) + Number(run), Number(y) + 1)).toBeLessThanOrEqual(size - 4);
  }
});

it('a text that would make a code too fine to be read, or that no code can hold, has none', async () => {
  expect(await drawQr(invitation(1_300))).toBeNull();
  expect(await drawQr(invitation(15_000))).toBeNull();
});
