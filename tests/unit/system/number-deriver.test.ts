// The queue before the worker that computes numbers, and what happens when that worker fails.
import { describe, expect, test } from 'vitest';
import { createNumberDeriver, type NumberWorker } from '../../../src/adapters/system/number-deriver.ts';

class ScriptedWorker implements NumberWorker {
  readonly asked: Array<{ id: number; fingerprint: Uint8Array }> = [];
  ended = false;
  private readonly listeners = new Map<string, (event: never) => void>();
  postMessage(message: unknown): void {
    this.asked.push(message as { id: number; fingerprint: Uint8Array });
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.set(type, listener);
  }
  terminate(): void {
    this.ended = true;
  }
  emit(type: 'message' | 'error' | 'messageerror', data?: unknown): void {
    this.listeners.get(type)?.({ data } as never);
  }
}

function setUp() {
  const workers: ScriptedWorker[] = [];
  const deriver = createNumberDeriver(() => {
    const worker = new ScriptedWorker();
    workers.push(worker);
    return worker;
  });
  return { workers, deriver };
}

const fingerprint = (byte: number) => new Uint8Array(32).fill(byte);

describe('deriving numbers', () => {
  test('no worker exists while there is nothing to do', async () => {
    const { workers, deriver } = setUp();
    expect(workers.length).toBe(0);
    const number = deriver.derive(fingerprint(1));
    expect(workers.length).toBe(1);
    workers[0]!.emit('message', { id: workers[0]!.asked[0]!.id, result: '123' });
    expect(await number).toBe('123');
    expect(workers[0]!.ended).toBe(true);
  });

  test('one number is computed at a time, in order, by one worker', async () => {
    const { workers, deriver } = setUp();
    const numbers = [1, 2, 3].map((byte) => deriver.derive(fingerprint(byte)));
    const worker = workers[0]!;
    for (const expected of [1, 2, 3]) {
      expect(worker.asked.length).toBe(expected);
      const last = worker.asked.at(-1)!;
      expect(last.fingerprint).toEqual(fingerprint(expected));
      worker.emit('message', { id: last.id, result: `${expected}` });
    }
    expect(await Promise.all(numbers)).toEqual(['1', '2', '3']);
    expect(workers.length).toBe(1);
    expect(worker.ended).toBe(true);
  });

  test.each(['error', 'messageerror', 'failed'] as const)(
    'a worker that fails (%s) takes one request with it, not the next',
    async (way) => {
      const { workers, deriver } = setUp();
      const lost = deriver.derive(fingerprint(1));
      const kept = deriver.derive(fingerprint(2));
      const first = workers[0]!;
      if (way === 'failed') first.emit('message', { id: first.asked[0]!.id, failed: true });
      else first.emit(way);
      await expect(lost).rejects.toMatchObject({ kind: 'internal' });
      expect(first.ended).toBe(true);
      const second = workers[1]!;
      // A late answer of the dead one is not taken for the living one's.
      first.emit('message', { id: second.asked[0]!.id, result: 'wrong' });
      first.emit('error');
      second.emit('message', { id: second.asked[0]!.id, result: 'right' });
      expect(await kept).toBe('right');
    },
  );

  test('a browser that cannot start a worker says so to every caller and is asked again next time', async () => {
    let tries = 0;
    const deriver = createNumberDeriver(() => {
      tries++;
      throw new Error('no workers here');
    });
    await expect(deriver.derive(fingerprint(1))).rejects.toMatchObject({ kind: 'internal' });
    await expect(deriver.derive(fingerprint(2))).rejects.toMatchObject({ kind: 'internal' });
    expect(tries).toBe(2);
  });
});
