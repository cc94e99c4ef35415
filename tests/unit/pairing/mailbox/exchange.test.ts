// Two people at one mailbox: how it goes, and everything that may come in between.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { MemoryMailbox } from '../../../../src/adapters/memory/mailbox.ts';
import { toHex } from '../../../../src/core/bytes/hex.ts';
import type { Identity } from '../../../../src/core/identity/keys.ts';
import { decodeReply, encodeCommand } from '../../../../src/core/pairing/mailbox/commands.ts';
import { MailboxSlots } from '../../../../src/core/pairing/mailbox/slots.ts';
import type { MailboxPeripheral } from '../../../../src/core/ports/bluetooth.ts';
import { passes, Visitor } from '../../../fixtures/mailbox-people.ts';
import { ana, ben, cleo } from '../../../fixtures/people.ts';

let clock: MemoryClock;
let mailbox: MemoryMailbox;
let seed = 0;

beforeEach(() => {
  clock = new MemoryClock();
  mailbox = new MemoryMailbox({ clock });
  seed = 1;
});

const come = (self: Identity, name: string): Visitor => new Visitor(self, mailbox.central(name), clock, seed++);
const until = async (condition: () => boolean): Promise<void> => {
  if (!(await passes(clock, condition))) throw new Error(`never came true: ${condition}`);
};

async function codesShown(): Promise<[Visitor, Visitor]> {
  const [anas, bens] = [come(ana, 'Ana'), come(ben, 'Ben')];
  await until(() => anas.at === 'comparing' && bens.at === 'comparing');
  return [anas, bens];
}

describe('two people at one mailbox', () => {
  it('see two different codes, type each other’s, and hold each other’s card and one secret', async () => {
    const [anas, bens] = await codesShown();
    expect(anas.code).toMatch(/^\d{6}$/);
    expect(anas.code).not.toBe(bens.code);
    expect([anas.type(bens.code), bens.type(anas.code)]).toEqual([undefined, undefined]);
    await until(() => anas.at === 'done' && bens.at === 'done');
    const [mine, theirs] = [anas.kept.at(-1), bens.kept.at(-1)];
    expect(mine?.agreement.theirs).toEqual({ fingerprint: ben.fingerprint, secret: theirs?.agreement.cardSecret });
    expect(theirs?.agreement.theirs).toEqual({ fingerprint: ana.fingerprint, secret: mine?.agreement.cardSecret });
    expect(mine?.agreement.psk).toEqual(theirs?.agreement.psk);
    expect([mine?.confirmed, theirs?.confirmed]).toEqual([true, true]);
  });

  it('who comes second after a while is B', async () => {
    const anas = come(ana, 'Ana');
    await until(() => anas.at === 'waiting');
    const bens = come(ben, 'Ben');
    await until(() => anas.at === 'comparing' && bens.at === 'comparing');
    expect([anas.comparing?.side, bens.comparing?.side]).toEqual(['A', 'B']);
  });

  it('one’s own code is refused with a hint and costs no attempt; a wrong one costs one', async () => {
    const [anas, bens] = await codesShown();
    const wrong = anas.code === '000000' || bens.code === '000000' ? '000001' : '000000';
    expect([anas.type(anas.code), anas.type('12345'), anas.type('abcdef')]).toEqual([
      'code-own',
      'code-digits',
      'code-digits',
    ]);
    expect(anas.run.phase).toMatchObject({ at: 'comparing', tries: 3 });
    expect([anas.type(wrong), anas.type(wrong)]).toEqual(['code-wrong', 'code-wrong']);
    expect(anas.run.phase).toMatchObject({ at: 'comparing', tries: 1 });
    expect([anas.type(bens.code), bens.type(anas.code)]).toEqual([undefined, undefined]);
    await until(() => anas.at === 'done' && bens.at === 'done');
  });

  it('three wrong codes end the attempt on both sides, and no card was given away', async () => {
    const [anas, bens] = await codesShown();
    const wrong = anas.code === '000000' || bens.code === '000000' ? '000001' : '000000';
    for (let trial = 0; trial < 3; trial += 1) expect(anas.type(wrong)).toBe('code-wrong');
    expect(anas.failure).toBe('code-wrong');
    await until(() => bens.isOver);
    expect([bens.failure, anas.kept, bens.kept]).toEqual(['mailbox-expired', [], []]);
    expect(slotsWritten()).not.toContain(4);
    expect(slotsWritten()).not.toContain(5);
  });

  it('after a failure both begin again with fresh values', async () => {
    const [anas, bens] = await codesShown();
    const before = [anas.code, bens.code];
    for (let trial = 0; trial < 3; trial += 1) anas.type(anas.code === '000000' ? '000001' : '000000');
    await until(() => bens.isOver && anas.isOver);
    anas.run.startOver();
    bens.run.startOver();
    await until(() => anas.at === 'comparing' && bens.at === 'comparing');
    expect([anas.code, bens.code]).not.toEqual(before);
  });

  it('goes on when Ana closes her screen after the code', async () => {
    const [anas, bens] = await codesShown();
    // Who came to be A is chance: the mailbox takes whoever is first.
    const waits = anas.comparing?.side === 'A' ? 'delivering' : 'fetching';
    anas.type(bens.code);
    anas.run.cancel();
    await until(() => anas.at === waits);
    bens.type(anas.code);
    bens.run.cancel();
    await until(() => anas.at === 'done' && bens.at === 'done');
  });

  it('who closes the screen before the code stops it for both', async () => {
    const [anas, bens] = await codesShown();
    anas.run.cancel();
    await until(() => bens.isOver);
    expect([anas.at, bens.failure]).toEqual(['over', 'mailbox-expired']);
  });

  it('B tells A that its card is kept before A can have it, and A keeps before it gives the receipt', async () => {
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    a.type(b.code);
    b.type(a.code);
    await until(() => b.at === 'confirming');
    expect(b.kept.map(({ confirmed }) => confirmed)).toEqual([false]);
    await until(() => b.at === 'done');
    expect(b.kept.map(({ confirmed }) => confirmed)).toEqual([false, true]);
    expect(a.kept.map(({ confirmed }) => confirmed)).toEqual([true]);
  });

  it.each([
    ['at once', 1_000, true],
    ['when the mailbox would have forgotten it by itself', 120_000, false],
  ])('A’s receipt while B has not yet read back its answer counts %s: %s ms later', async (_when, later, confirmed) => {
    const { step } = await import('../../../../src/core/pairing/mailbox/exchange.ts');
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    a.type(b.code);
    b.type(a.code);
    await until(() => b.at === 'answering');
    const first = b.comparing?.messages[0] ?? null;
    const seen = (slots: [number, Uint8Array | null][]) => ({ is: 'visited', seen: new Map(slots) }) as const;
    const begun = { phase: { ...b.run.phase, since: 0 } as typeof b.run.phase, since: 0, reachedAt: 0 };
    // Its slot 5 was taken and is not there: there is no telling yet.
    const read = step(
      begun,
      seen([
        [1, first],
        [5, null],
      ]),
      5_000,
    );
    expect(read.exchange.phase.at).toBe('answering');
    const { exchange, effects } = step(read.exchange, seen([[1, null]]), 5_000 + later);
    if (confirmed) expect([exchange.phase.at, effects[0]]).toMatchObject(['settling', { do: 'keep', confirmed: true }]);
    else expect(exchange.phase).toMatchObject({ at: 'done', confirmed: false });
    // Without that it may never have arrived.
    expect(step(begun, seen([[1, null]]), 6_000).exchange.phase).toMatchObject({ at: 'done', confirmed: false });
  });

  it('a mailbox that forgets by itself gives no receipt, also where B read its answer back late', async () => {
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    const isA = (central: string) => central === (a === anas ? 'Ana' : 'Ben');
    let [wroteAt, hangs] = [0, 0];
    mailbox.fate = ({ central, kind, bytes }) => {
      // A is gone once B has answered: nobody will ever give a receipt.
      if (wroteAt > 0 && isA(central)) return 'lost';
      const isHanging = hangs > 0;
      mailbox.latencyMs = isHanging ? 10_000 : 10;
      if (isHanging) hangs -= 1;
      if (kind === 'command' && bytes?.[0] === 2 && bytes[1] === 5) [wroteAt, hangs] = [clock.now(), 3];
      return isHanging ? 'lost' : 'fine';
    };
    a.type(b.code);
    b.type(a.code);
    await until(() => b.at === 'confirming');
    expect(clock.now() - wroteAt).toBeGreaterThan(10_000);
    await until(() => b.at === 'done');
    expect(b.kept.map(({ confirmed }) => confirmed)).toEqual([false]);
  });

  it('a mailbox that is emptied just before B answers leaves B without a receipt: A has nothing of it', async () => {
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    let wasEmptied = false;
    mailbox.fate = ({ kind, bytes }) => {
      // The first bytes of slot 5: somebody else starts over at that moment.
      const isAnswer = kind === 'command' && bytes?.[0] === 1 && bytes[1] === 5;
      if (isAnswer && !wasEmptied) mailbox.logic.write(encodeCommand({ do: 'clear' }));
      wasEmptied ||= isAnswer;
      return 'fine';
    };
    a.type(b.code);
    b.type(a.code);
    await until(() => a.isOver && b.isOver);
    expect(wasEmptied).toBe(true);
    expect([a.failure, a.kept]).toEqual(['mailbox-expired', []]);
    expect(b.run.phase).toMatchObject({ at: 'done', confirmed: false });
    expect(b.kept.map(({ confirmed }) => confirmed)).toEqual([false]);
  });

  it.each([
    ['has read back nothing of its answer', 0],
    ['has read back the first half of it', 45],
  ])(
    'at a mailbox that takes several at a time both are done, though A is so fast that B %s',
    async (_what, offset) => {
      const slots = new MailboxSlots(() => clock.now());
      slots.write(encodeCommand({ do: 'select', slot: 1, offset: 0 }), 'watcher');
      const isEmpty = () => decodeReply(slots.read('watcher')).length === 0;
      const slow = toHex(encodeCommand({ do: 'select', slot: 5, offset }));
      let answered = '';
      const central = (name: string): MailboxPeripheral => ({
        connect: async () => {
          slots.connectionChanged(name);
          return {
            command: async (bytes) => {
              // Its own radio is slower than all that the other does.
              const waits = name === answered && toHex(bytes) === slow;
              while (waits && !isEmpty()) await new Promise<void>((resolve) => clock.after(10, resolve));
              if (slots.write(bytes, name) === 5) answered = name;
            },
            reply: async () => slots.read(name),
            disconnect: async () => slots.connectionChanged(name),
          };
        },
      });
      const [one, other] = [new Visitor(ana, central('Ana'), clock, 1), new Visitor(ben, central('Ben'), clock, 2)];
      await until(() => one.at === 'comparing' && other.at === 'comparing');
      one.type(other.code);
      other.type(one.code);
      await until(() => one.at === 'done' && other.at === 'done');
      expect([one, other].map(({ kept }) => kept.at(-1)?.confirmed)).toEqual([true, true]);
    },
  );

  it('A whose disk is full gives no receipt, so that B does not count on it', async () => {
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    a.keepFails = true;
    a.type(b.code);
    b.type(a.code);
    await until(() => a.isOver && b.isOver);
    expect(a.failure).toBe('internal');
    expect(b.run.phase).toMatchObject({ at: 'done', confirmed: false });
  });

  it('codes that are equal by chance start both anew', async () => {
    const { step } = await import('../../../../src/core/pairing/mailbox/exchange.ts');
    const [anas] = await codesShown();
    const run = anas.comparing;
    if (!run) throw new Error('no run');
    const { side, own, messages, secrets } = run;
    const deriving = { phase: { at: 'deriving', side, own, messages }, since: 0, reachedAt: 0 } as const;
    const equal = { ...secrets, codes: { A: '123456', B: '123456' } };
    const { exchange, effects } = step(deriving, { is: 'derived', secrets: equal }, 0);
    expect([exchange.phase.at, effects.map((effect) => effect.do)]).toEqual(['preparing', ['clear', 'prepare']]);
  });
});

describe('at a mailbox with others', () => {
  it('a third person waits until it is free', async () => {
    const [anas, bens] = await codesShown();
    const cleos = come(cleo, 'Cleo');
    await until(() => cleos.run.phase.at === 'arriving' && cleos.run.phase.busy);
    anas.type(bens.code);
    bens.type(anas.code);
    await until(() => anas.at === 'done' && bens.at === 'done' && cleos.at === 'waiting');
  });

  it('three at once: two of them pair, and the third is told that it is busy', async () => {
    const all = [come(ana, 'Ana'), come(ben, 'Ben'), come(cleo, 'Cleo')];
    await until(() => all.filter(({ at }) => at === 'comparing').length === 2);
    const third = all.find(({ at }) => at !== 'comparing');
    await until(() => third?.run.phase.at === 'arriving' && third.run.phase.busy);
  });

  it('a third person who starts over ends what the others had begun, and they are told', async () => {
    const [anas, bens] = await codesShown();
    const cleos = come(cleo, 'Cleo');
    await until(() => cleos.run.phase.at === 'arriving' && cleos.run.phase.busy);
    cleos.run.startOver();
    await until(() => anas.isOver && bens.isOver && cleos.at === 'waiting');
    expect([anas.failure, bens.failure]).toEqual(['mailbox-expired', 'mailbox-expired']);
  });

  it('somebody who waits alone is still there after the mailbox has forgotten, and gives up after ten minutes', async () => {
    const anas = come(ana, 'Ana');
    await until(() => anas.at === 'waiting');
    await until(() => anas.phases.filter((at) => at === 'waiting').length === 3);
    await until(() => anas.isOver);
    expect(anas.failure).toBe('mailbox-nobody');
  });

  it('the same person on both sides is refused', async () => {
    const [one, other] = [come(ana, 'one'), come(ana, 'other')];
    await until(() => one.at === 'comparing' && other.at === 'comparing');
    one.type(other.code);
    other.type(one.code);
    await until(() => one.isOver && other.isOver);
    expect([one.failure, other.failure].sort()).toEqual(['mailbox-expired', 'mailbox-own']);
    expect([...one.kept, ...other.kept]).toEqual([]);
  });

  it('B that answers before it has read A’s card is left the time to read it', async () => {
    const [anas, bens] = await codesShown();
    const [a, b] = anas.comparing?.side === 'A' ? [anas, bens] : [bens, anas];
    const { sealCard } = await import('../../../../src/core/pairing/mailbox/values.ts');
    const run = b.comparing;
    if (!run) throw new Error('no run');
    const sealed = await sealCard('B', run.own, run.secrets);
    b.run.close();
    mailbox.logic.connectionChanged();
    for (let offset = 0; offset < sealed.length; offset += 16) {
      mailbox.logic.write(encodeCommand({ do: 'put', slot: 5, offset, data: sealed.slice(offset, offset + 16) }));
    }
    mailbox.logic.write(encodeCommand({ do: 'commit', slot: 5, length: sealed.length }));
    a.type(b.code);
    await until(() => a.at === 'done');
    const cleared = () => mailbox.commands.some(({ bytes }) => bytes[0] === 4);
    await clock.advance(5_000);
    expect(cleared()).toBe(false);
    await until(cleared);
  });
});

const slotsWritten = (): (number | undefined)[] =>
  mailbox.commands.filter(({ bytes }) => bytes[0] === 2).map(({ bytes }) => bytes[1]);
