// What fails now and then must cost neither the number, nor the news, nor an uncaught error.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { KithError } from '../../../src/core/errors.ts';
import { Board } from '../../../src/core/node/board.ts';
import { PatientNumbers } from '../../../src/core/node/numbers.ts';
import type { Snapshot } from '../../../src/core/node-api.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { settle } from '../../fixtures/until.ts';

it('a number that could not be derived is derived again after a while', async () => {
  const clock = new MemoryClock();
  let tries = 0;
  const deriver = {
    derive: async () => {
      tries += 1;
      if (tries < 3) throw new KithError('internal');
      return '1';
    },
    findTarget: async () => new Uint8Array(20),
  };
  const number = new PatientNumbers(deriver, clock, silentLog).derive(new Uint8Array(32));
  for (let wait = 0; wait < 2; wait += 1) await clock.advance(10_000, settle);
  expect(await number).toBe('1');
  expect(tries).toBe(3);
});

it('a screen that fails does not keep the news from the others, nor from whoever tells it', () => {
  const board = new Board(new MemoryClock(), silentLog, () => ({}) as Snapshot);
  const heard: string[] = [];
  board.subscribe(() => {
    throw new Error('cannot be cloned');
  });
  board.subscribe(({ type }) => heard.push(type));
  board.cleared('c');
  expect(heard).toEqual(['cleared']);
});
