// A chosen file lies on its person's disk, where it may change or vanish while it is read.
import { describe, expect, test } from 'vitest';
import { readSource } from '../../../src/core/transfer/source.ts';
import { fail, sourceThat } from './sources.ts';

const content = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

describe('reading a chosen file', () => {
  test('gives all of it', async () => {
    expect(await readSource(new Blob([content]))).toEqual(content);
    expect(await readSource(new Blob([]))).toEqual(new Uint8Array(0));
  });

  test('that falls short says it has changed', async () => {
    const shorter = sourceThat(content, (_, piece) => piece.slice(0, -1));
    await expect(readSource(shorter)).rejects.toMatchObject({ kind: 'file-changed' });
  });

  test('that can be begun and has lost its end says it has changed', async () => {
    const cut = sourceThat(content, (start, piece) => (start + piece.length > 500 ? fail('NotReadableError') : piece));
    await expect(readSource(cut)).rejects.toMatchObject({ kind: 'file-changed' });
  });

  test('whose both ends are there did not change: it cannot be read whole, as when memory is short', async () => {
    const large = sourceThat(content, (_, piece) => (piece.length > 1 ? fail('NotReadableError') : piece));
    await expect(readSource(large)).rejects.toMatchObject({ kind: 'file-unreadable' });
  });

  test('of which nothing can be read says so', async () => {
    const gone = sourceThat(content, () => fail('NotFoundError'));
    await expect(readSource(gone)).rejects.toMatchObject({ kind: 'file-unreadable' });
  });

  test('ends at once when it is cancelled, however long the disk takes', async () => {
    const endless = new Blob([content]);
    endless.arrayBuffer = () => new Promise(() => {});
    const abort = new AbortController();
    const reading = readSource(endless, abort.signal);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'file-cancelled' });
  });
});
