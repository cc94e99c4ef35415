// The file in which sealed units lie: what it holds is found again after any crash, and what is no such file is told apart.
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, SEALED_UNIT_BYTES, UNIT_TAG_BYTES } from '../../../src/core/transfer/layout.ts';
import { fileError, type RandomAccessFile, UnitFile } from '../../../src/core/transfer/unit-file.ts';
import { MAX_FILE_BYTES } from '../../../src/core/wire/limits.ts';

const HEADER = 16;
/** Three units, the last of 100 bytes. */
const layout = layoutOf(2 * 65_536 + 100);
const LAST = 100 + UNIT_TAG_BYTES;
const START = HEADER + layout.units;

class RamFile implements RandomAccessFile {
  bytes = new Uint8Array(0);
  /** It grows no further. */
  room = Number.POSITIVE_INFINITY;
  flushed = 0;
  closed = 0;
  writes = 0;

  size(): number {
    return this.bytes.length;
  }
  read(into: Uint8Array, at: number): number {
    const part = this.bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }
  write(bytes: Uint8Array, at: number): number {
    this.writes += 1;
    const end = Math.min(at + bytes.length, this.room);
    if (end > this.bytes.length) {
      const grown = new Uint8Array(end);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    const fits = Math.max(0, end - at);
    this.bytes.set(bytes.subarray(0, fits), at);
    return fits;
  }
  truncate(size: number): void {
    this.bytes = this.bytes.slice(0, size);
  }
  flush(): void {
    this.flushed += 1;
  }
  close(): void {
    this.closed += 1;
  }
}

const unit = (fill: number, length = SEALED_UNIT_BYTES) => new Uint8Array(length).fill(fill);
const kind = (wanted: string) => expect.objectContaining({ kind: wanted });
const reopened = (file: RamFile) => UnitFile.existing(file, layout);
const held = (units: UnitFile | undefined) => [0, 1, 2].filter((index) => units?.has(index));

let file: RamFile;
let units: UnitFile;
beforeEach(() => {
  file = new RamFile();
  units = UnitFile.fresh(file, layout);
});

describe('units', () => {
  it('are none at first, whatever lay there, and all when all are stored', () => {
    file.bytes = unit(0xff, 300_000);
    units = UnitFile.fresh(file, layout);
    expect([held(units), units.complete, units.bitmap(), file.size()]).toEqual([[], false, Uint8Array.of(0), START]);
    units.write(1, [unit(2)]);
    expect([held(units), units.complete, units.bitmap()]).toEqual([[1], false, Uint8Array.of(0b010)]);
    units.write(0, [unit(1)]);
    units.write(2, [unit(3, LAST)]);
    expect([held(units), units.complete, units.bitmap()]).toEqual([[0, 1, 2], true, Uint8Array.of(0b111)]);
    expect(file.size()).toBe(START + 2 * SEALED_UNIT_BYTES + LAST);
  });

  it('that follow one another are written at once and read at once, as far as they are there', () => {
    const before = file.writes;
    units.write(1, [unit(2), unit(3, LAST)]);
    expect(file.writes - before).toBe(1);
    expect(units.readRun(1, 2)).toEqual([unit(2), unit(3, LAST)]);
    expect(units.readRun(1, 1)).toEqual([unit(2)]);
    expect(units.readRun(2, 5)).toEqual([unit(3, LAST)]);
    expect(units.read(2)).toEqual(unit(3, LAST));
    expect(() => units.readRun(0, 3)).toThrow(kind('record-damaged'));
    units.write(0, [unit(1)]);
    units.drop(1);
    expect(units.readRun(0, 3)).toEqual([unit(1)]);
  });

  it('of none nothing is written', () => {
    const before = file.writes;
    units.write(0, []);
    expect([file.writes - before, held(units)]).toEqual([0, []]);
  });

  it('that are cut off cannot be read', () => {
    units.write(0, [unit(1)]);
    file.truncate(file.size() - 1);
    expect(() => units.read(0)).toThrow(kind('record-damaged'));
  });

  it('for which there is no room do not count', () => {
    file.room = file.size() + 10;
    expect(() => units.write(0, [unit(1)])).toThrow(kind('disk-full'));
    expect(held(units)).toEqual([]);
  });
});

describe('after the file was closed', () => {
  it('flags say what is there, and are written once', () => {
    units.write(0, [unit(1)]);
    units.flush();
    expect(file.flushed).toBe(1);
    expect([...file.bytes.subarray(HEADER, START)]).toEqual([1, 0, 0]);
    const before = file.writes;
    units.flush();
    expect(file.writes).toBe(before);
    units.write(1, [unit(2)]);
    units.close();
    expect([[...file.bytes.subarray(HEADER, START)], file.closed, file.flushed]).toEqual([[1, 1, 0], 1, 2]);
    expect(held(reopened(file))).toEqual([0, 1]);
  });

  it('what was dropped is gone', () => {
    units.write(0, [unit(1), unit(2)]);
    units.flush();
    units.drop(0);
    expect(held(units)).toEqual([1]);
    units.close();
    expect([...file.bytes.subarray(HEADER, START)]).toEqual([0, 1, 0]);
    expect(held(reopened(file))).toEqual([1]);
  });

  it('a full disk that takes no flags does not keep it open', () => {
    units.write(0, [unit(1)]);
    file.room = 0;
    units.close();
    expect(file.closed).toBe(1);
    expect(held(reopened(file))).toEqual([0]);
  });
});

describe('after a crash', () => {
  it('units without a flag count by their last bytes, also the shorter last one, and the flags are mended', () => {
    units.write(2, [unit(3, LAST)]);
    units.write(0, [unit(1)]);
    const again = reopened(file);
    expect(held(again)).toEqual([0, 2]);
    again?.close();
    expect([...file.bytes.subarray(HEADER, START)]).toEqual([1, 0, 1]);
  });

  it('a unit that was dropped and has no flag does not count', () => {
    units.write(0, [unit(1), unit(2)]);
    units.drop(0);
    expect(held(reopened(file))).toEqual([1]);
  });

  it('a unit of which the end is missing does not count', () => {
    units.write(0, [unit(1)]);
    file.truncate(file.size() - 1);
    expect(held(reopened(file))).toEqual([]);
  });

  it('nothing is written where nothing was found', () => {
    const again = reopened(file);
    const before = file.writes;
    again?.flush();
    expect(file.writes).toBe(before);
  });
});

describe('what is no such file', () => {
  it('is told apart: another layout, another header, one cut off', () => {
    expect(UnitFile.layoutIn(file)).toEqual(layout);
    expect(UnitFile.existing(file, layoutOf(layout.size - 1))).toBeUndefined();
    const flipped = new RamFile();
    flipped.bytes = file.bytes.slice();
    flipped.bytes[0] = 0x4b;
    expect([UnitFile.layoutIn(flipped), reopened(flipped)]).toEqual([undefined, undefined]);
    file.truncate(START - 1);
    expect([UnitFile.layoutIn(file), reopened(file)]).toEqual([layout, undefined]);
    file.truncate(HEADER - 1);
    expect([UnitFile.layoutIn(file), reopened(file)]).toEqual([undefined, undefined]);
    expect(UnitFile.layoutIn(new RamFile())).toBeUndefined();
  });

  it('is one that says to be larger than any', () => {
    for (const [size, known] of [
      [MAX_FILE_BYTES, true],
      [MAX_FILE_BYTES + 1, false],
    ] as const) {
      const large = new RamFile();
      UnitFile.fresh(large, layoutOf(size));
      expect(UnitFile.layoutIn(large) !== undefined).toBe(known);
    }
  });
});

describe('what a file system throws', () => {
  it('is no room, or no storage, with what it was; ours stays as it is', () => {
    const full = new DOMException('', 'QuotaExceededError');
    const gone = new DOMException('', 'InvalidStateError');
    expect([full, gone, 'broken'].map((error) => fileError(error))).toEqual([
      expect.objectContaining({ kind: 'disk-full', cause: full }),
      expect.objectContaining({ kind: 'storage-unavailable', cause: gone }),
      expect.objectContaining({ kind: 'storage-unavailable', cause: 'broken' }),
    ]);
    const own = fileError(full);
    expect(fileError(own)).toBe(own);
    expect(fileError({ name: 'QuotaExceededError' }).kind).toBe('storage-unavailable');
  });

  it('is what a write says', () => {
    file.write = () => {
      throw new DOMException('', 'QuotaExceededError');
    };
    expect(() => units.write(0, [unit(1)])).toThrow(kind('disk-full'));
  });
});
