// What a group's message says of a file, and which unit is asked of whom.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { fileNameOf } from '../../../src/core/group/files/offer.ts';
import { Swarm } from '../../../src/core/group/files/swarm.ts';
import { decode, encode } from '../../../src/core/wire/cbor.ts';
import { type GroupFileOffer, groupFileSchema, groupFileTalkSchema } from '../../../src/core/wire/group-files.ts';
import { MAX_GROUP_MESSAGE_BYTES } from '../../../src/core/wire/group-limits.ts';

const offerOf = (size: number, more: Partial<GroupFileOffer> = {}): GroupFileOffer => ({
  key: new Uint8Array(32).fill(1),
  name: 'a.bin',
  mediaType: 'application/octet-stream',
  size,
  sha256: new Uint8Array(32).fill(2),
  hashes: new Uint8Array(32 * Math.max(1, Math.ceil(size / 65_536))).fill(3),
  ...more,
});

const read = (offer: GroupFileOffer) => decode(encode(offer), groupFileSchema);
const malformed = expect.objectContaining({ kind: 'frame-malformed' });

describe('a file as it is signed', () => {
  it.each([0, 1, 65_536, 65_537, 26_214_400])('of %i bytes has one hash for each unit', (size) => {
    expect(read(offerOf(size))).toEqual(offerOf(size));
    const { hashes } = offerOf(size);
    expect(() => read(offerOf(size, { hashes: hashes.subarray(32) }))).toThrow(malformed);
    expect(() => read(offerOf(size, { hashes: new Uint8Array(hashes.length + 32) }))).toThrow(malformed);
  });

  it('is refused over 25 MiB', () => {
    expect(() => read(offerOf(26_214_401))).toThrow(malformed);
  });

  it('at its largest leaves room in a message for everything else, 16 parents and 16 heads', () => {
    const largest = offerOf(26_214_400, { name: '\u{FFFC}'.repeat(510), thumbnail: new Uint8Array(32_768) });
    expect(encode(read(largest)).length).toBeLessThan(MAX_GROUP_MESSAGE_BYTES - 4_096);
  });

  it('has another name when its key, size, hash or hashes differ, and the same when only what is shown differs', async () => {
    const name = await fileNameOf(offerOf(70_000));
    expect(await fileNameOf(offerOf(70_000, { name: 'b.bin', mediaType: 'image/png' }))).toBe(name);
    const others = [
      offerOf(70_001),
      offerOf(70_000, { key: new Uint8Array(32) }),
      offerOf(70_000, { sha256: new Uint8Array(32) }),
      offerOf(70_000, { hashes: new Uint8Array(64) }),
    ];
    for (const other of others) expect(await fileNameOf(other)).not.toBe(name);
  });
});

describe('what is said about units', () => {
  const about = { group: new Uint8Array(32), file: new Uint8Array(32) };

  it.each([
    { type: 'group-file-want', ...about, first: 400, units: 1 },
    { type: 'group-file-want', ...about, first: 0, units: 4 },
    { type: 'group-file-want', ...about, first: 0, units: 0 },
    { type: 'group-file-have', ...about, bitmap: new Uint8Array(51) },
    { type: 'group-file-units', ...about, first: 0, sealed: new Uint8Array(3 * 65_552 + 1) },
    { type: 'group-file-ask', group: about.group, files: [] },
    { type: 'group-file-ask', group: about.group, files: new Array(65).fill(about.file) },
    { type: 'group-file-have', ...about, bitmap: new Uint8Array(1), more: 1 },
  ])('is refused out of bounds: %o', (message) => {
    expect(() => decode(encode(message), groupFileTalkSchema)).toThrow(malformed);
  });
});

describe('who is asked for what', () => {
  const swarmOf = (units: number) => {
    const swarm = new Swarm({
      random: seededRandom(1),
      window: () => ({ units, perRequest: units, measured: () => {} }),
    });
    swarm.add('f', 8, new Uint8Array(1));
    return swarm;
  };

  it('everybody who has units, each within their window, and no unit of two', () => {
    const swarm = swarmOf(2);
    for (const peer of ['ben', 'cleo']) {
      swarm.met(peer);
      swarm.told(peer, 'f', Uint8Array.of(255));
    }
    const requests = swarm.next(0);
    const units = requests.flatMap(({ first, units }) => Array.from({ length: units }, (_, at) => first + at));
    expect(new Set(requests.map(({ to }) => to))).toEqual(new Set(['ben', 'cleo']));
    expect(units).toHaveLength(4);
    expect(new Set(units).size).toBe(4);
    expect(swarm.next(0)).toEqual([]);
  });

  it('the rarest unit first', () => {
    const swarm = swarmOf(1);
    swarm.met('cleo');
    swarm.told('cleo', 'f', Uint8Array.of(0b1111_0111));
    swarm.met('ben');
    swarm.told('ben', 'f', Uint8Array.of(255));
    expect(swarm.next(0)).toContainEqual({ to: 'ben', file: 'f', first: 3, units: 1 });
  });

  it('somebody else after 60 s, and at once when the link has gone', () => {
    const swarm = swarmOf(8);
    swarm.met('ben');
    swarm.told('ben', 'f', Uint8Array.of(1));
    expect(swarm.next(0)).toHaveLength(1);
    swarm.met('cleo');
    swarm.told('cleo', 'f', Uint8Array.of(1));
    expect(swarm.next(59_999)).toEqual([]);
    expect(swarm.next(60_000)).toEqual([{ to: 'cleo', file: 'f', first: 0, units: 1 }]);
    expect(swarm.came('ben', 'f', 0)).toBe(false);
    swarm.lost('cleo');
    expect(swarm.next(60_001)).toEqual([]);
    swarm.told('ben', 'f', Uint8Array.of(1));
    expect(swarm.next(60_001)).toEqual([{ to: 'ben', file: 'f', first: 0, units: 1 }]);
  });

  it('nobody who gave something else, and a unit counts once', () => {
    const swarm = swarmOf(8);
    swarm.met('ben');
    swarm.told('ben', 'f', Uint8Array.of(255));
    swarm.next(0);
    expect([swarm.came('ben', 'f', 0), swarm.came('ben', 'f', 0), swarm.came('cleo', 'f', 1)]).toEqual([
      true,
      false,
      false,
    ]);
    swarm.wrong('ben', 'f');
    swarm.told('ben', 'f', Uint8Array.of(255));
    expect(swarm.next(0)).toEqual([]);
  });
});
