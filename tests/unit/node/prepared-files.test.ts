// Files that wait to be sent: sealed one at a time, once each, and gone when they are not wanted (node/prepared-files.ts).
import { beforeEach, describe, expect, it } from 'vitest';
import { KithError } from '../../../src/core/errors.ts';
import { type ChosenFile, PreparedFiles } from '../../../src/core/node/prepared-files.ts';
import type { PreparedFile, Transfers } from '../../../src/core/transfer/transfers.ts';
import { settle, until } from '../../fixtures/until.ts';

const id = (digit: string) => digit.repeat(32);
const chosen = (digit: string, more: Partial<ChosenFile> = {}): ChosenFile => ({
  contactId: 'ben',
  messageId: id(digit),
  file: new File([digit], `${digit}.txt`),
  asFile: true,
  ...more,
});

/** A Transfers whose sealing ends when a test says so. */
class Sealing {
  readonly began: string[] = [];
  readonly forgotten: string[] = [];
  private readonly ends = new Map<string, { seal(): void; fail(error: unknown): void }>();
  private count = 0;

  readonly transfers = {
    prepare: (_: string, fileId: Uint8Array, __: Blob, { signal }: { signal: AbortSignal }) =>
      new Promise<PreparedFile>((resolve, reject) => {
        const digit = (fileId[0] ?? 0).toString(16).slice(0, 1);
        this.began.push(digit);
        const key = new Uint8Array([++this.count]);
        const seal = () => resolve({ key, size: 1, units: 1, sha256: new Uint8Array(32) });
        this.ends.set(digit, { seal, fail: reject });
        signal.addEventListener('abort', () => reject(new KithError('file-cancelled')));
      }),
    forget: async (fileId: Uint8Array) => void this.forgotten.push((fileId[0] ?? 0).toString(16).slice(0, 1)),
  } as unknown as Transfers;

  async end(digit: string, error?: KithError): Promise<void> {
    await until(() => this.began.at(-1) === digit);
    if (error) this.ends.get(digit)?.fail(error);
    else this.ends.get(digit)?.seal();
    await settle();
  }
}

let sealing: Sealing;
let files: PreparedFiles<PreparedFile>;
beforeEach(() => {
  sealing = new Sealing();
  files = new PreparedFiles(sealing.transfers);
});

describe('preparing', () => {
  it('goes one at a time, in the order of the calls', async () => {
    const all = ['a', 'b', 'c'].map((digit) => files.prepare(chosen(digit)));
    await settle();
    expect(sealing.began).toEqual(['a']);
    await sealing.end('a');
    expect(sealing.began).toEqual(['a', 'b']);
    await sealing.end('b');
    await sealing.end('c');
    expect((await Promise.all(all)).map(({ key }) => key[0])).toEqual([1, 2, 3]);
  });

  it('asked for again, seals nothing again', async () => {
    const both = [files.prepare(chosen('a')), files.prepare(chosen('a'))];
    await sealing.end('a');
    expect(await both[0]).toBe(await both[1]);
    expect(sealing.began).toEqual(['a']);
  });

  it('that fails is told, does not hold up the next one, and is not kept', async () => {
    const failing = expect(files.prepare(chosen('a'))).rejects.toMatchObject({ kind: 'disk-full' });
    void files.prepare(chosen('b'));
    await sealing.end('a', new KithError('disk-full'));
    await failing;
    await sealing.end('b');
    const again = files.prepare(chosen('a'));
    await sealing.end('a');
    expect((await again).key[0]).toBe(3);
  });
});

describe('taking', () => {
  it('gives what was sealed, once', async () => {
    void files.prepare(chosen('a'));
    await sealing.end('a');
    expect((await files.take(chosen('a'))).key[0]).toBe(1);
    await files.discard('ben', id('a'));
    expect(sealing.forgotten).toEqual([]);
    expect(sealing.began).toEqual(['a']);
  });

  it('waits while it is being sealed', async () => {
    void files.prepare(chosen('a'));
    const taken = files.take(chosen('a'));
    await sealing.end('a');
    expect((await taken).key[0]).toBe(1);
    expect(sealing.began).toEqual(['a']);
  });

  it('seals what was never prepared, and tries again what failed', async () => {
    const fresh = files.take(chosen('a'));
    await sealing.end('a');
    await fresh;
    files.prepare(chosen('b')).catch(() => {});
    const taken = files.take(chosen('b'));
    await sealing.end('b', new KithError('disk-full'));
    await sealing.end('b');
    expect((await taken).key[0]).toBe(3);
  });

  it('never gives what was sealed with its metadata to somebody who wants it without', async () => {
    void files.prepare(chosen('a', { asFile: true }));
    await sealing.end('a');
    const taken = files.take(chosen('a', { asFile: false }));
    await until(() => sealing.began.length === 2);
    expect(sealing.forgotten).toEqual(['a']);
    await sealing.end('a');
    expect((await taken).key[0]).toBe(2);
  });

  it('of one that is discarded meanwhile seals it afresh, after the first is gone', async () => {
    files.prepare(chosen('a')).catch(() => {});
    const taken = files.take(chosen('a'));
    await until(() => sealing.began.length === 1);
    void files.discard('ben', id('a'));
    await until(() => sealing.began.length === 2);
    await sealing.end('a');
    expect((await taken).key[0]).toBe(2);
  });
});

describe('discarding', () => {
  it('removes what is sealed, of this conversation only', async () => {
    void files.prepare(chosen('a'));
    await sealing.end('a');
    await files.discard('cleo', id('a'));
    expect(sealing.forgotten).toEqual([]);
    await files.discard('ben', id('a'));
    expect(sealing.forgotten).toEqual(['a']);
  });

  it('stops what is being sealed, and what waits is never begun', async () => {
    const stopped = ['a', 'b'].map((digit) =>
      expect(files.prepare(chosen(digit))).rejects.toMatchObject({ kind: 'file-cancelled' }),
    );
    void files.prepare(chosen('c'));
    await settle();
    await files.discard('ben', id('b'));
    await files.discard('ben', id('a'));
    await Promise.all(stopped);
    await sealing.end('c');
    expect(sealing.began).toEqual(['a', 'c']);
    expect(sealing.forgotten).toEqual([]);
  });

  it('frees the way when a disk keeps us waiting', async () => {
    const endless = new File(['x'], 'far-away.jpg');
    endless.slice = () => Object.assign(new Blob(), { arrayBuffer: () => new Promise<ArrayBuffer>(() => {}) });
    files.prepare(chosen('a', { file: endless, asFile: false })).catch(() => {});
    void files.prepare(chosen('b'));
    await settle();
    expect(sealing.began).toEqual([]);
    await files.discard('ben', id('a'));
    await sealing.end('b');
    expect(sealing.began).toEqual(['b']);
  });

  it('of a conversation takes all of it and nothing else', async () => {
    const mine = expect(files.prepare(chosen('b'))).rejects.toMatchObject({ kind: 'file-cancelled' });
    void files.prepare(chosen('a', { contactId: 'cleo' }));
    await settle();
    await files.discardAll('ben');
    await mine;
    await sealing.end('a');
    expect((await files.take(chosen('a', { contactId: 'cleo' }))).key[0]).toBe(2);
  });
});
