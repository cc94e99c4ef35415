import { beforeEach, expect, test } from 'vitest';
import { WriteQueue } from '../../../src/adapters/opfs/write-queue.ts';
import { KithError } from '../../../src/core/errors.ts';
import { layoutOf } from '../../../src/core/transfer/layout.ts';
import type { WrittenRow } from '../../../src/workers/transfer-protocol.ts';

const layout = layoutOf(1_000_000);
const key = new Uint8Array(32);

interface Call {
  readonly name: string;
  answer(refused?: readonly number[]): void;
  fail(): void;
}

let calls: Call[];
let queue: WriteQueue;

/** A worker whose answers the test gives. */
function store(id: string, rows: readonly WrittenRow[]): Promise<readonly (readonly number[])[]> {
  return new Promise((resolve, reject) => {
    calls.push({
      name: `${id} ${rows.map(({ first }) => first).join()}`,
      answer: (refused = []) => resolve(rows.map(({ first }) => refused.filter((index) => index === first))),
      fail: () => reject(new KithError('storage-unavailable')),
    });
  });
}

beforeEach(() => {
  calls = [];
  queue = new WriteQueue(store);
});

const write = (index: number, id = 'a', sealed = Uint8Array.of(index)) => queue.write(id, layout, key, index, sealed);
const names = () => calls.map(({ name }) => name);
/** What was called in one turn has gone. */
const turn = () => Promise.resolve();
const outcome = (promise: Promise<readonly number[]>) =>
  promise.then(
    (refused) => refused.join() || 'stored',
    (error: KithError) => error.kind,
  );

test('the rows of one turn go together; those that come while they are stored go together next', async () => {
  const first = [write(0), write(1), write(2)];
  await turn();
  expect(names()).toEqual(['a 0,1,2']);
  const second = [write(3)];
  await turn();
  second.push(write(4));
  await turn();
  expect(names()).toEqual(['a 0,1,2']);
  calls[0]?.answer();
  await Promise.all(first);
  expect(names()).toEqual(['a 0,1,2', 'a 3,4']);
  calls[1]?.answer();
  await Promise.all(second);
  const third = write(5);
  await turn();
  expect(names()).toEqual(['a 0,1,2', 'a 3,4', 'a 5']);
  calls[2]?.answer();
  await third;
});

test('each row is told its own refused units', async () => {
  const writes = [0, 1, 2, 3].map((index) => outcome(write(index)));
  await turn();
  calls[0]?.answer([2]);
  expect(await Promise.all(writes)).toEqual(['stored', 'stored', '2', 'stored']);
});

test('files do not wait for one another', async () => {
  void write(0, 'a');
  void write(0, 'b');
  await turn();
  expect(names()).toEqual(['a 0', 'b 0']);
});

test('what waits goes at once when something else is asked about the file', async () => {
  const writes = [write(0)];
  await turn();
  writes.push(write(1), write(2));
  queue.flush('a');
  expect(names()).toEqual(['a 0', 'a 1,2']);
  queue.flush('a');
  expect(calls).toHaveLength(2);
  for (const call of calls) call.answer();
  await Promise.all(writes);
});

test('asked about in the same turn, a file is written first', async () => {
  const written = write(0);
  queue.flush('a');
  expect(names()).toEqual(['a 0']);
  calls[0]?.answer();
  await written;
  expect(calls).toHaveLength(1);
});

test('when the worker is gone every row fails, waiting ones too', async () => {
  const writes = [outcome(write(0))];
  await turn();
  writes.push(outcome(write(1)), outcome(write(2)));
  calls[0]?.fail();
  await writes[0];
  calls[1]?.fail();
  expect(await Promise.all(writes)).toEqual(Array(3).fill('storage-unavailable'));
});

test('a view of a larger buffer is copied at the call; a buffer of its own is moved', async () => {
  let stored: readonly WrittenRow[] = [];
  const seen = new WriteQueue(async (_id, rows) => {
    stored = rows;
    return rows.map(() => []);
  });
  const frame = Uint8Array.of(9, 1, 2, 9);
  const own = Uint8Array.of(3);
  const written = [seen.write('a', layout, key, 0, frame.subarray(1, 3)), seen.write('a', layout, key, 1, own)];
  frame.fill(0);
  await Promise.all(written);
  expect(stored[0]?.sealed).toEqual(Uint8Array.of(1, 2));
  expect(stored[1]?.sealed).toBe(own);
});

test('units move in the buffer of the message they came in, unless it holds other units too', async () => {
  let stored: readonly WrittenRow[] = [];
  const seen = new WriteQueue(async (_id, rows) => {
    stored = rows;
    return rows.map(() => []);
  });
  const message = new Uint8Array(60 + 65_552);
  const two = new Uint8Array(2 * 65_552);
  const rows = [message.subarray(60), two.subarray(0, 65_552), two.subarray(65_552)];
  await Promise.all(rows.map((row, index) => seen.write('a', layout, key, index, row)));
  expect(stored.map(({ sealed }) => sealed === rows[0])).toEqual([true, false, false]);
  expect(new Set(stored.map(({ sealed }) => sealed.buffer)).size).toBe(3);
});

test('a row that could not be stored fails alone', async () => {
  const seen = new WriteQueue(async (_id, rows) =>
    rows.map(({ first }) => (first === 1 ? new KithError('disk-full') : [])),
  );
  const writes = [0, 1, 2].map((index) => outcome(seen.write('a', layout, key, index, Uint8Array.of(index))));
  expect(await Promise.all(writes)).toEqual(['stored', 'disk-full', 'stored']);
});
