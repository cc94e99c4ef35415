// What the Bluetooth port promises, of every adapter (ports/bluetooth.ts).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { encodeCommand } from '../../src/core/pairing/mailbox/commands.ts';
import { MailboxVisitor } from '../../src/core/pairing/mailbox/visit.ts';
import type { MailboxPeripheral } from '../../src/core/ports/bluetooth.ts';
import type { Clock } from '../../src/core/ports/clock.ts';

export interface MailboxBench {
  /** Chosen, in front of an honest mailbox. */
  readonly peripheral: MailboxPeripheral;
  readonly clock: Clock;
  /** Lets time pass until this settles. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** The mailbox ends the connection. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

const select = encodeCommand({ do: 'select', slot: 2, offset: 15 });

export function mailboxPeripheralContract(name: string, open: () => Promise<MailboxBench>): void {
  describe(`a mailbox ${name}`, () => {
    let bench: MailboxBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());

    const until = <T>(promise: Promise<T>): Promise<T> => bench.until(promise);
    const kind = (promise: Promise<unknown>): Promise<string> =>
      until(
        promise.then(
          () => 'done',
          (error: Error) => error.message,
        ),
      );

    it('takes commands and gives replies', async () => {
      const connection = await until(bench.peripheral.connect());
      await until(connection.command(select));
      expect([...(await until(connection.reply()))]).toEqual([2, 0, 15, 0, 0]);
      await until(connection.disconnect());
    });

    it('that refuses a command stays connected', async () => {
      const connection = await until(bench.peripheral.connect());
      await until(connection.command(select));
      expect(await kind(connection.command(Uint8Array.of(9)))).toBe('bluetooth-command');
      expect([...(await until(connection.reply()))]).toEqual([2, 0, 15, 0, 0]);
      await until(connection.disconnect());
    });

    it('that was left answers no more, and is there for the next visit', async () => {
      const before = await until(bench.peripheral.connect());
      await until(before.disconnect());
      await until(before.disconnect());
      const connection = await until(bench.peripheral.connect());
      expect([await kind(before.command(select)), await kind(before.reply())]).toEqual([
        'bluetooth-lost',
        'bluetooth-lost',
      ]);
      await until(connection.command(select));
      await until(before.disconnect());
      expect([...(await until(connection.reply()))]).toEqual([2, 0, 15, 0, 0]);
      await until(connection.disconnect());
    });

    it('that breaks off is lost, and found again', async () => {
      const before = await until(bench.peripheral.connect());
      await until(before.command(select));
      await bench.drop();
      expect(await kind(before.command(select))).toBe('bluetooth-lost');
      await until(before.disconnect());
      const connection = await until(bench.peripheral.connect());
      expect([...(await until(connection.reply()))]).toEqual([0, 0, 0, 0, 0]);
      await until(connection.disconnect());
    });

    it('is visited, one visit after the other', async () => {
      const { peripheral, clock } = bench;
      const visitor = new MailboxVisitor({ peripheral, clock, random: seededRandom(1) });
      const bytes = seededRandom(2).bytes(96);
      const seen = await until(visitor.visit({ first: null, write: { slot: 1, bytes }, read: [2], clear: false }));
      expect(seen).toEqual(
        new Map([
          [1, bytes],
          [2, null],
        ]),
      );
      for (let again = 0; again < 3; again += 1) {
        const errand = { first: bytes, write: null, read: [], clear: again === 2 };
        expect((await until(visitor.visit(errand))).get(1)).toEqual(again === 2 ? null : bytes);
      }
    });
  });
}
