// The file of a backup: what comes back, and everything that must be found.
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { openBackup, sealBackup } from '../../../src/core/backup/container.ts';
import { HEADER_BYTES } from '../../../src/core/backup/header.ts';
import type { BackupItem } from '../../../src/core/backup/items.ts';
import { concat } from '../../../src/core/bytes/bytes.ts';
import { uint16be, uint32be } from '../../../src/core/bytes/integers.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { kindOf } from '../../../src/core/errors.ts';
import type { KeyDeriver } from '../../../src/core/ports/key-deriver.ts';

let stretched = 0;
const derive: KeyDeriver = async (passphrase, salt) => {
  stretched += 1;
  return sha256(concat(salt, typeof passphrase === 'string' ? utf8(passphrase) : passphrase));
};

const random = seededRandom(7);
const PASSPHRASE = 'seven geese walk home';

/** Three chunks and more: what is large shares none with its neighbours. */
const items: BackupItem[] = [
  { is: 'head', createdAt: 1_700_000_000_000 },
  { is: 'record', table: 'contacts', key: 'a', value: random.bytes(700_000) },
  { is: 'record', table: 'contacts', key: 'b', value: random.bytes(700_000) },
  { is: 'record', table: 'messages', key: 'c', value: random.bytes(3_000_000) },
  { is: 'record', table: 'messages', key: 'd', value: new Uint8Array(0) },
  { is: 'end', items: 5 },
];

async function sealed(of: readonly BackupItem[] = items): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  async function* each() {
    yield* of;
  }
  for await (const piece of sealBackup(derive, random, PASSPHRASE, each())) pieces.push(piece);
  return concat(...pieces);
}

async function opened(bytes: Uint8Array<ArrayBuffer>, passphrase = PASSPHRASE): Promise<BackupItem[]> {
  const backup = await openBackup(derive, new Blob([bytes]), passphrase);
  const found: BackupItem[] = [];
  for await (const item of backup.items()) found.push(item);
  return found;
}

const refused = (bytes: Uint8Array<ArrayBuffer>, passphrase?: string): Promise<string> =>
  opened(bytes, passphrase).then(() => 'opened', kindOf);

/** Comparing megabytes byte by byte takes a test runner half a minute. */
const printed = (item: BackupItem) =>
  'value' in item ? { ...item, value: Buffer.from(item.value).toString('base64') } : item;

/** Where each chunk begins, and the end. */
function chunkStarts(bytes: Uint8Array): number[] {
  const starts = [HEADER_BYTES];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    at += 4 + (view.getUint32(at) & 0x7fffffff);
    starts.push(at);
  }
  return starts;
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe('a backup', () => {
  it('gives back what went in, in order, and may be read twice', async () => {
    const bytes = await sealed();
    expect((await opened(bytes)).map(printed)).toEqual(items.map(printed));
    const backup = await openBackup(derive, new Blob([bytes]), PASSPHRASE);
    for (let time = 0; time < 2; time += 1) {
      let count = 0;
      for await (const _ of backup.items()) count += 1;
      expect(count).toBe(items.length);
    }
  });

  it('has another salt, and so another key, every time', async () => {
    const small: BackupItem[] = [{ is: 'head', createdAt: 1 }];
    const [one, other] = [await sealed(small), await sealed(small)];
    expect(one.subarray(0, 12)).toEqual(other.subarray(0, 12));
    expect(one.subarray(21, 53)).not.toEqual(other.subarray(21, 53));
    expect(one.subarray(HEADER_BYTES)).not.toEqual(other.subarray(HEADER_BYTES));
  });

  it('holds nothing that can be read', async () => {
    const marker = new TextEncoder().encode('meet me at the old mill');
    const bytes = await sealed([{ is: 'record', table: 'messages', key: 'k', value: marker }]);
    expect(Buffer.from(bytes).includes(Buffer.from(marker))).toBe(false);
    expect(Buffer.from(bytes).includes(Buffer.from('messages'))).toBe(false);
  });

  it('asks for the passphrase it was made with, however it is composed', async () => {
    const bytes = await sealed();
    expect(await refused(bytes, 'seven geese walk Home')).toBe('backup-passphrase');
    expect(await refused(bytes, '')).toBe('backup-passphrase');
    async function* each() {
      yield { is: 'head', createdAt: 1 } as const;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of sealBackup(derive, random, 'caf\u00e9', each())) pieces.push(piece);
    expect(await refused(concat(...pieces), 'cafe\u0301')).toBe('opened');
  });
});

describe('what is wrong with it is found', () => {
  it('cut off anywhere it is truncated, and at no place passes for whole', async () => {
    const bytes = await sealed();
    const starts = chunkStarts(bytes);
    const cuts = starts.flatMap((start) => [start - 1, start, start + 1, start + 3, start + 4, start + 20]);
    for (const cut of [12, 20, HEADER_BYTES - 1, ...cuts]) {
      if (cut >= bytes.length) continue;
      expect([cut, await refused(bytes.slice(0, cut))]).toEqual([cut, 'backup-truncated']);
    }
  });

  it('chunks that changed places, were left out or came twice are damage', async () => {
    const bytes = await sealed();
    const starts = chunkStarts(bytes);
    expect(starts.length).toBeGreaterThanOrEqual(5);
    const chunks = starts.slice(1).map((end, index) => bytes.slice(starts[index], end));
    const [first, second, ...rest] = chunks as [Uint8Array, Uint8Array, ...Uint8Array[]];
    const header = bytes.slice(0, HEADER_BYTES);
    expect(await refused(concat(header, second, first, ...rest))).toBe('backup-damaged');
    expect(await refused(concat(header, second, ...rest))).toBe('backup-damaged');
    expect(await refused(concat(header, first, first, second, ...rest))).toBe('backup-damaged');
    expect(await refused(concat(bytes, chunks.at(-1) as Uint8Array))).toBe('backup-damaged');
    expect(await refused(concat(bytes, Uint8Array.of(0)))).toBe('backup-damaged');
  });

  it('a chunk of another backup under the same passphrase is damage', async () => {
    const [one, other] = [await sealed(), await sealed()];
    const end = chunkStarts(one)[1] ?? 0;
    expect(await refused(concat(other.slice(0, end), one.slice(end)))).toBe('backup-damaged');
  });

  it('one bit anywhere is noticed', async () => {
    const bytes = await sealed();
    const starts = chunkStarts(bytes);
    for (const [index, start] of starts.slice(0, -1).entries()) {
      const end = starts[index + 1] ?? 0;
      for (const at of [start + 4, Math.floor((start + 4 + end) / 2), end - 1])
        expect(await refused(flipped(bytes, at))).toBe('backup-damaged');
      // In the length: too long, too short, or another place.
      for (const at of [start, start + 1, start + 2, start + 3])
        expect(await refused(flipped(bytes, at))).toMatch(/^backup-(damaged|truncated)$/);
    }
    for (let at = 12; at < HEADER_BYTES; at += 1) expect(await refused(flipped(bytes, at))).toBe('backup-damaged');
  });

  it('the mark of the last chunk cannot be taken off or put on', async () => {
    const bytes = await sealed();
    const starts = chunkStarts(bytes);
    const last = starts.at(-2) ?? 0;
    const without = Uint8Array.from(bytes);
    without[last] = (without[last] ?? 0) ^ 0x80;
    expect(await refused(without)).toBe('backup-damaged');
    const early = bytes.slice(0, starts[2]);
    const at = starts[1] ?? 0;
    early[at] = (early[at] ?? 0) ^ 0x80;
    expect(await refused(early)).toBe('backup-damaged');
  });

  it('something else, or a later version, is told apart from damage', async () => {
    expect(await refused(new Uint8Array(0))).toBe('backup-foreign');
    expect(await refused(random.bytes(5000))).toBe('backup-foreign');
    expect(await refused(Uint8Array.from(new TextEncoder().encode('%PDF-1.7')))).toBe('backup-foreign');
    const bytes = await sealed();
    bytes.set(uint16be(2), 10);
    expect(await refused(bytes)).toBe('backup-newer');
    expect(await refused(await sealed([{ is: 'head', createdAt: 1 }, { is: 'hologram' } as never]))).toBe(
      'backup-newer',
    );
  });

  it('a header that asks for more than a device can bear is refused before anything is computed', async () => {
    const bytes = await sealed();
    const asking = async (memory: number, iterations: number, parallelism: number) => {
      const copy = Uint8Array.from(bytes);
      copy.set(uint32be(memory), 12);
      copy.set(uint32be(iterations), 16);
      copy[20] = parallelism;
      copy.set((await sha256(copy.subarray(0, HEADER_BYTES - 8))).subarray(0, 8), HEADER_BYTES - 8);
      return copy;
    };
    stretched = 0;
    for (const cost of [
      [262_145, 3, 1],
      [4_294_967_295, 3, 1],
      [1, 3, 1],
      [65_536, 11, 1],
      [65_536, 0, 1],
      [65_536, 3, 9],
    ])
      expect(await refused(await asking(...(cost as [number, number, number])))).toBe('backup-damaged');
    expect(stretched).toBe(0);
    // What is within bounds is tried; the chunks know their header, and no other.
    expect(await refused(await asking(131_072, 4, 1))).toBe('backup-damaged');
    expect(stretched).toBe(1);
  });
});
