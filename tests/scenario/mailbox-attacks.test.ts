// A mailbox that attacks: somebody in the middle, altered and replayed contents, garbage.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { type MailboxLogic, MemoryMailbox } from '../../src/adapters/memory/mailbox.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { concat } from '../../src/core/bytes/bytes.ts';
import { utf8 } from '../../src/core/bytes/utf8.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { decodeReply, encodeCommand, encodeReply } from '../../src/core/pairing/mailbox/commands.ts';
import { MailboxSlots } from '../../src/core/pairing/mailbox/slots.ts';
import { secretsFrom } from '../../src/core/pairing/mailbox/values.ts';
import { passes, Visitor } from '../fixtures/mailbox-people.ts';
import { ana, ben, cleo } from '../fixtures/people.ts';

const RUNS = 50;

/** Which slots were committed by this central. */
const committed = (mailbox: MemoryMailbox, central: string): (number | undefined)[] =>
  mailbox.commands.flatMap((one) => (one.central === central && one.bytes[0] === 2 ? [one.bytes[1]] : []));

async function comparing(clock: MemoryClock, all: readonly Visitor[]): Promise<void> {
  const shown = await passes(clock, () => all.every(({ at }) => at === 'comparing'));
  if (!shown) throw new Error(`no codes: ${all.map(({ at }) => at)}`);
}

describe('somebody in the middle', () => {
  it(`who pairs with each of them is found out in each of ${RUNS} runs: codes differ, no card leaves either side`, async () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const clock = new MemoryClock();
      // What Ana and Ben take for one mailbox are two, with Cleo between them.
      const [anas, bens] = [new MemoryMailbox({ clock }), new MemoryMailbox({ clock })];
      const victims = [
        new Visitor(ana, anas.central('Ana'), clock, seed),
        new Visitor(ben, bens.central('Ben'), clock, 1000 + seed),
      ] as const;
      const attackers = [
        new Visitor(cleo, anas.central('Cleo'), clock, 2000 + seed),
        new Visitor(cleo, bens.central('Cleo'), clock, 3000 + seed),
      ] as const;
      await comparing(clock, [...victims, ...attackers]);
      const screens = victims.map(({ code }) => code);
      // Ana would let in whoever has the code of Cleo's side of her mailbox; what she types is what Ben's screen shows.
      expect(screens[1], `run ${seed}`).not.toBe(attackers[0].code);
      expect(screens[0], `run ${seed}`).not.toBe(attackers[1].code);
      for (const attacker of attackers) attacker.type(attacker === attackers[0] ? victims[0].code : victims[1].code);
      for (let trial = 0; trial < 3; trial += 1) {
        victims[0].type(screens[1] as string);
        victims[1].type(screens[0] as string);
      }
      await passes(clock, () => victims.every(({ isOver }) => isOver));
      expect(victims.map(({ failure }) => failure)).toEqual(['code-wrong', 'code-wrong']);
      for (const [mailbox, name] of [
        [anas, 'Ana'],
        [bens, 'Ben'],
      ] as const) {
        expect(committed(mailbox, name).filter((slot) => (slot ?? 0) >= 4)).toEqual([]);
      }
      expect(victims.flatMap(({ kept }) => kept)).toEqual([]);
    }
  });

  /**
   * The attacker's runs with everything but the radio: commits, hashes and derivation are the real ones. Digits that can be guessed
   * show that the measure measures.
   */
  it('succeeds once in a thousand with codes of three digits, in 20,000 runs', { timeout: 0 }, async () => {
    const random = seededRandom(20_000);
    const label = utf8('kith-mailbox-1');
    const opening = () => random.bytes(96);
    const commit = (bytes: Uint8Array) => sha256(concat(label, bytes));
    let successes = 0;
    for (let run = 0; run < 20_000; run += 1) {
      // With Ana the attacker replies; with Ben it had to commit before it saw his reply.
      const [anas, toAna, toBen, bens] = [opening(), opening(), opening(), opening()];
      const [one, other] = [random.bytes(32), random.bytes(32)];
      const withAna = await secretsFrom(one, [await commit(anas), toAna, anas], 3);
      const withBen = await secretsFrom(other, [await commit(toBen), bens, toBen], 3);
      if (withAna.codes.B === withBen.codes.B) successes += 1;
    }
    expect(Math.abs(successes / 20_000 - 0.001)).toBeLessThanOrEqual(0.0005);
  });
});

/** An honest mailbox whose contents are changed on their way out. */
class Altered implements MailboxLogic {
  readonly slots: MailboxSlots;

  constructor(
    clock: MemoryClock,
    private readonly alter: (slot: number, offset: number, data: Uint8Array) => Uint8Array,
  ) {
    this.slots = new MailboxSlots(() => clock.now());
  }
  connectionChanged(): void {
    this.slots.connectionChanged();
  }
  write(bytes: Uint8Array): number {
    return this.slots.write(bytes);
  }
  read(): Uint8Array {
    const reply = decodeReply(this.slots.read());
    return encodeReply({ ...reply, data: this.alter(reply.slot, reply.offset, reply.data) });
  }
}

/** Both come, type the right codes if they ever see them, and it ends. */
async function meetAt(mailbox: MemoryMailbox, clock: MemoryClock): Promise<readonly [Visitor, Visitor]> {
  const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
  const bens = new Visitor(ben, mailbox.central('Ben'), clock, 2);
  await passes(clock, () => {
    if (anas.at === 'comparing' && bens.comparing) anas.type(bens.code);
    if (bens.at === 'comparing' && anas.comparing) bens.type(anas.code);
    return anas.isOver && bens.isOver;
  });
  return [anas, bens];
}

describe('a mailbox that changes what it keeps', () => {
  it.each([1, 2, 3, 4, 5])('in slot %i pairs nobody, and both are told', async (target) => {
    const clock = new MemoryClock();
    const logic = new Altered(clock, (slot, offset, data) =>
      slot === target && offset === 0 && data.length > 0 ? data.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) : data,
    );
    const both = await meetAt(new MemoryMailbox({ clock, logic }), clock);
    for (const one of both) {
      expect(one.isOver).toBe(true);
      expect(one.kept.filter(({ confirmed }) => confirmed)).toEqual([]);
      if (one.at === 'failed') expect(one.failure).toMatch(/^mailbox-/);
    }
    expect(both.some(({ failure }) => failure !== undefined)).toBe(true);
  });

  it('that gives back one’s own key as the other’s is refused', async () => {
    const clock = new MemoryClock();
    const mailbox = new MemoryMailbox({ clock });
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    await passes(clock, () => anas.at === 'waiting');
    const { phase } = anas.run;
    if (phase.at !== 'waiting') throw new Error('not waiting');
    put(mailbox.logic, 2, phase.own.opening);
    await passes(clock, () => anas.isOver);
    expect(anas.failure).toBe('mailbox-tampered');
  });

  it('that offers a key of low order is refused', async () => {
    const clock = new MemoryClock();
    const mailbox = new MemoryMailbox({ clock });
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    await passes(clock, () => anas.at === 'waiting');
    put(mailbox.logic, 2, concat(new Uint8Array(32), seededRandom(1).bytes(64)));
    await passes(clock, () => anas.isOver);
    expect(anas.failure).toBe('mailbox-tampered');
  });

  it('that takes a second reply to one commitment is refused', async () => {
    const clock = new MemoryClock();
    let second = false;
    const logic = new Altered(clock, (slot, _, data) => (second && slot === 2 ? data.map((byte) => byte ^ 1) : data));
    const mailbox = new MemoryMailbox({ clock, logic });
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    await passes(clock, () => anas.at === 'waiting');
    const bens = new Visitor(ben, mailbox.central('Ben'), clock, 2);
    await comparing(clock, [anas, bens]);
    second = true;
    await passes(clock, () => anas.isOver);
    expect(anas.failure).toBe('mailbox-tampered');
  });

  it.each([
    ['then lets her be the first', null],
    ['then gives her another commitment to reply to', seededRandom(8).bytes(32)],
  ])(
    'that reads Ana’s reply, pretends that another was faster and %s, learns nothing of her next values',
    async (_, next) => {
      const clock = new MemoryClock();
      const logic = new Altered(clock, (_slot, _offset, data) => data);
      put(logic, 1, seededRandom(6).bytes(32));
      const replies: string[] = [];
      const { slots } = logic;
      logic.write = (bytes) => {
        if (bytes[0] === 1 && bytes[1] === 2) replies.push(`${bytes.slice(2)}`);
        if (bytes[0] !== 2 || bytes[1] !== 2) return slots.write(bytes);
        slots.connectionChanged();
        writeAll((command) => slots.write(command), 2, seededRandom(7).bytes(96));
        return 0;
      };
      const anas = new Visitor(ana, new MemoryMailbox({ clock, logic }).central('Ana'), clock, 1);
      expect(await passes(clock, () => anas.run.phase.at === 'arriving' && anas.run.phase.busy)).toBe(true);
      const before = replies.splice(0);
      expect(before).toHaveLength(6);
      slots.write(Uint8Array.of(4));
      if (next !== null) put(logic, 1, next);
      expect(await passes(clock, () => anas.at === (next === null ? 'waiting' : 'replying'))).toBe(true);
      const { phase } = anas.run;
      if (phase.at !== 'waiting' && phase.at !== 'replying') throw new Error(`at ${phase.at}`);
      const { opening } = phase.own;
      const puts = Array.from({ length: 6 }, (_part, at) => `0,${at * 16},${opening.slice(at * 16, at * 16 + 16)}`);
      expect(puts.filter((one) => before.includes(one))).toEqual([]);
    },
  );

  it('that replays an earlier run gets nothing', async () => {
    const clock = new MemoryClock();
    const earlier = new MemoryMailbox({ clock });
    const anas = new Visitor(ana, earlier.central('Ana'), clock, 1);
    await passes(clock, () => anas.at === 'waiting');
    const bens = new Visitor(ben, earlier.central('Ben'), clock, 2);
    await comparing(clock, [anas, bens]);
    const [first, , third] = anas.comparing?.messages ?? [];
    const [anasCode, bensCode] = [anas.code, bens.code];
    // Ben comes back another day; the mailbox plays Ana with what she said then.
    const replaying = new MemoryMailbox({ clock });
    put(replaying.logic, 1, first as Uint8Array);
    const again = new Visitor(ben, replaying.central('Ben'), clock, 3);
    await passes(clock, () => replaying.commands.some(({ bytes }) => bytes[0] === 2 && bytes[1] === 2));
    put(replaying.logic, 3, third as Uint8Array);
    await comparing(clock, [again]);
    expect([anasCode, bensCode]).not.toContain(again.code);
    for (let trial = 0; trial < 3; trial += 1) again.type(anasCode);
    expect([again.failure, again.kept]).toEqual(['code-wrong', []]);
  });
});

describe('something that is no mailbox', () => {
  const garbage = (read: (random: ReturnType<typeof seededRandom>) => Uint8Array): MailboxLogic => {
    const random = seededRandom(5);
    return { connectionChanged: () => undefined, write: () => 0, read: () => read(random) };
  };

  it.each([
    ['gives random bytes', garbage((random) => random.bytes(Math.floor(random.fraction() * 24)))],
    ['gives nothing', garbage(() => new Uint8Array(0))],
    [
      'answers for another slot',
      garbage(() => encodeReply({ slot: 4, offset: 9, length: 0, data: new Uint8Array(0) })),
    ],
    [
      'claims a length and gives no bytes',
      garbage(() => encodeReply({ slot: 1, offset: 0, length: 96, data: new Uint8Array(0) })),
    ],
  ])('and %s is called so', async (_, logic) => {
    const clock = new MemoryClock();
    const anas = new Visitor(ana, new MemoryMailbox({ clock, logic }).central('Ana'), clock, 1);
    // Nobody has to look at it for a minute.
    expect(await passes(clock, () => anas.isOver, 25_000)).toBe(true);
    expect(anas.failure).toBe('mailbox-foreign');
  });

  it('and refuses every command, or keeps nothing, ends with a reason too', async () => {
    const clock = new MemoryClock();
    const refusing = {
      connectionChanged: () => undefined,
      write: (): number => {
        throw new Error();
      },
      read: () => new Uint8Array(5),
    };
    const keepsNothing = new Altered(clock, (_slot, _offset, data) => data);
    keepsNothing.write = (bytes) => (bytes[0] === 3 ? keepsNothing.slots.write(bytes) : 0);
    for (const [logic, kind] of [
      [refusing, 'bluetooth-command'],
      [keepsNothing, 'mailbox-nobody'],
    ] as const) {
      const anas = new Visitor(ana, new MemoryMailbox({ clock, logic }).central('Ana'), clock, 1);
      expect(await passes(clock, () => anas.isOver)).toBe(true);
      expect(anas.failure).toBe(kind);
    }
  });

  it('or is full of what somebody else left is waited for, until it is cleared', async () => {
    const clock = new MemoryClock();
    const mailbox = new MemoryMailbox({ clock });
    for (let slot = 1; slot <= 5; slot += 1) put(mailbox.logic, slot, seededRandom(slot).bytes(512));
    const anas = new Visitor(ana, mailbox.central('Ana'), clock, 1);
    await passes(clock, () => anas.run.phase.at === 'arriving' && anas.run.phase.busy);
    anas.run.startOver();
    expect(await passes(clock, () => anas.at === 'waiting')).toBe(true);
  });
});

function put(logic: MailboxLogic, slot: number, bytes: Uint8Array): void {
  logic.connectionChanged();
  writeAll((command) => logic.write(command), slot, bytes);
  logic.connectionChanged();
}

function writeAll(write: (command: Uint8Array) => void, slot: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; offset += 16) {
    write(encodeCommand({ do: 'put', slot, offset, data: bytes.slice(offset, offset + 16) }));
  }
  write(encodeCommand({ do: 'commit', slot, length: bytes.length }));
}
