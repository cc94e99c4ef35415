// Finding people by number over overlays in memory: who answers, who only pretends to, and how often one may ask.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { kemKeyPair } from '../../../src/core/crypto/kem.ts';
import { KithError } from '../../../src/core/errors.ts';
import type { Card } from '../../../src/core/identity/card.ts';
import type { Identity } from '../../../src/core/identity/keys.ts';
import { numberFromArgon2 } from '../../../src/core/identity/number.ts';
import { NumberSearch } from '../../../src/core/node/number-search.ts';
import { ByNumber } from '../../../src/core/overlay/by-number.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { type FakeNode, FakeOverlays, type Sight } from '../../fixtures/fake-overlay.ts';
import { ana, ben, cleo } from '../../fixtures/people.ts';
import { settle } from '../../fixtures/until.ts';

let clock: MemoryClock;
let overlays: FakeOverlays;
let sights: Sight[];

// The library is loaded once; that takes no time of the clock, which would move on meanwhile.
beforeAll(() => kemKeyPair(seededRandom(1)));
beforeEach(() => {
  clock = new MemoryClock();
  overlays = new FakeOverlays(clock, seededRandom(2));
  sights = [];
  overlays.onSight = (sight) => sights.push(sight);
  for (let i = 0; i < 4; i++) overlays.node();
});

const numberOf = async ({ fingerprint }: Identity) => numberFromArgon2(await sha256(fingerprint));

class Somebody {
  readonly node: FakeNode = overlays.node();
  readonly byNumber: ByNumber;
  readonly search: NumberSearch;
  readonly taken: Card[] = [];
  derived = 0;
  secret: Uint8Array | undefined = new Uint8Array(16).fill(7);
  /** Before Argon2id is done, or fails. */
  argon2: () => Promise<void> = async () => {};
  /** Before a stranger is given a card. */
  asked: () => Promise<void> = async () => {};

  constructor(self: Identity, name: string, number: string, ownClock: Clock = clock) {
    const common = { clock: ownClock, random: seededRandom(self.fingerprint[0] ?? 0), log: silentLog };
    this.search = new NumberSearch({
      ...common,
      self,
      name: () => name,
      number: () => number,
      numbers: {
        derive: async (fingerprint) => {
          this.derived += 1;
          await this.argon2();
          return numberFromArgon2(await sha256(fingerprint));
        },
        findTarget: async (of) => {
          await this.argon2();
          return (await sha256(utf8(of))).slice(0, 20);
        },
      },
      take: async (card) => {
        this.taken.push(card);
        return 'attempt';
      },
      strangerCard: async () => {
        await this.asked();
        return this.secret;
      },
    });
    this.byNumber = new ByNumber({ ...common, overlay: this.node, onCall: (link) => this.search.answer(link) });
    this.search.use(this.byNumber);
  }
}

/** Holds whoever waits for it until it is let go. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, wait: () => opened };
}

const noMemory = () => Promise.reject(new KithError('internal'));

const ended = async <T>(promise: Promise<T>): Promise<T | string> => {
  let settled = false;
  const settling = () => {
    settled = true;
  };
  promise.then(settling, settling);
  while (!settled) await clock.advance(50, settle);
  return promise.catch((error: Error) => error.message);
};

describe('a look-up', () => {
  it('finds whoever announced, once however many of their pages are open, and leads to a card of theirs', async () => {
    const number = await numberOf(ana);
    const [one, other] = [new Somebody(ana, 'Ana', number), new Somebody(ana, 'Ana', number)];
    await Promise.all([one.search.announce(true), other.search.announce(true)]);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const found = await ended(seeker.search.find(number));
    expect(found).toMatchObject([{ number, name: 'Ana' }]);
    one.node.close();
    expect(await ended(seeker.search.call(typeof found === 'string' ? '' : (found[0]?.id ?? '')))).toBe('attempt');
    expect(seeker.taken).toEqual([{ fingerprint: ana.fingerprint, secret: one.secret }]);
  });

  it('refuses an impostor whose key does not hash to the number, next to the right one and alone', async () => {
    const number = await numberOf(ana);
    const impostor = new Somebody(cleo, 'Ana', number);
    await impostor.search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    expect(await ended(seeker.search.find(number))).toBe('number-nobody');
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(6_000, settle);
    expect(await ended(seeker.search.find(number))).toHaveLength(1);
    expect(seeker.derived).toBe(3);
  });

  it('is not held up by one who announces and never answers', async () => {
    const number = await numberOf(ana);
    const mute = overlays.node();
    mute.onCircuit('number', () => {});
    void mute.announce((await sha256(utf8(number))).slice(0, 20));
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const since = clock.now();
    expect(await ended(seeker.search.find(number))).toHaveLength(1);
    expect(clock.now() - since).toBeLessThan(20_000);
  });

  it('comes five seconds after the last at the soonest, and says how long to wait', async () => {
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const number = await numberOf(ana);
    expect(await ended(seeker.search.find(number))).toBe('number-nobody');
    await expect(seeker.search.find(number)).rejects.toMatchObject({ kind: 'number-too-soon', detail: { limit: 5 } });
    await clock.advance(5_000, settle);
    expect(await ended(seeker.search.find(number))).toBe('number-nobody');
  });

  it('is not kept waiting by a clock that was set back', async () => {
    let ahead = 3_600_000;
    const turned: Clock = { now: () => clock.now() + ahead, after: (ms, run) => clock.after(ms, run) };
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben), turned);
    expect(await ended(seeker.search.find(await numberOf(ana)))).toBe('number-nobody');
    ahead = 0;
    expect(await ended(seeker.search.find(await numberOf(ana)))).toBe('number-nobody');
  });

  it('ends with an error when Argon2id cannot be done, for the number or for whoever answers', async () => {
    const number = await numberOf(ana);
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    seeker.argon2 = noMemory;
    expect(await ended(seeker.search.find(number))).toBe('number-not-derived');
    await clock.advance(5_000, settle);
    let times = 0;
    seeker.argon2 = () => (times++ === 0 ? Promise.resolve() : noMemory());
    expect(await ended(seeker.search.find(number))).toBe('number-not-derived');
  });

  it('shows who could be checked when another could not', async () => {
    const number = await numberOf(ana);
    await new Somebody(cleo, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    let times = 0;
    seeker.argon2 = () => (times++ === 1 ? noMemory() : Promise.resolve());
    expect(await ended(seeker.search.find(number))).toHaveLength(1);
    expect(seeker.derived).toBe(2);
  });

  it('says to whoever hides that nobody goes between', async () => {
    const number = await numberOf(ana);
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const found = await ended(seeker.search.find(number));
    seeker.byNumber.hide(true);
    seeker.node.openCircuit = () => Promise.reject(new KithError('no-relay'));
    expect(await ended(seeker.search.call(typeof found === 'string' ? '' : (found[0]?.id ?? '')))).toBe('no-relay');
    await clock.advance(5_000, settle);
    expect(await ended(seeker.search.find(number))).toBe('no-relay');
  });

  it('that is still under way when the next one begins mixes nobody up', async () => {
    const [first, second] = [await numberOf(ana), await numberOf(cleo)];
    await new Somebody(ana, 'Ana', first).search.announce(true);
    await new Somebody(cleo, 'Cleo', second).search.announce(true);
    await clock.advance(1_000, settle);
    // Slow to answer: its look-up lasts longer than the wait for the next.
    const mute = overlays.node();
    mute.onCircuit('number', () => {});
    void mute.announce((await sha256(utf8(first))).slice(0, 20));
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const slow = seeker.search.find(first);
    await clock.advance(6_000, settle);
    const found = await ended(seeker.search.find(second));
    expect(found).toMatchObject([{ number: second, name: 'Cleo' }]);
    const late = await ended(slow);
    expect(late).toMatchObject([{ number: first, name: 'Ana' }]);
    expect(await ended(seeker.search.call(typeof late === 'string' ? '' : (late[0]?.id ?? '')))).toBe('attempt');
    expect(seeker.taken).toMatchObject([{ fingerprint: ana.fingerprint }]);
  });

  it('of somebody who hides leaves under an alias that is made for each call and goes with it', async () => {
    const number = await numberOf(ana);
    await new Somebody(ana, 'Ana', number).search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    seeker.byNumber.hide(true);
    const found = await ended(seeker.search.find(number));
    expect(await ended(seeker.search.call(typeof found === 'string' ? '' : (found[0]?.id ?? '')))).toBe('attempt');
    const callers = sights.flatMap((sight) => (sight.what === 'circuit' ? [toHex(sight.from)] : []));
    expect(new Set(callers).size).toBe(2);
    expect(callers).not.toContain(toHex(seeker.node.id));
    expect(seeker.node.aliases.size).toBe(0);
  });

  it('asks nobody with the number itself', async () => {
    const number = await numberOf(ana);
    const found = new Somebody(ana, 'Ana', number);
    await found.search.announce(true);
    await clock.advance(1_000, settle);
    await ended(new Somebody(ben, 'Ben', await numberOf(ben)).search.find(number));
    const digits = Buffer.from(number).toString('hex');
    const seen = sights.flatMap((sight) => ('payload' in sight ? [Buffer.from(sight.payload).toString('hex')] : []));
    expect(seen.some((bytes) => bytes.includes(digits))).toBe(false);
  });
});

describe('whoever was found', () => {
  const found = async () => {
    const number = await numberOf(ana);
    const person = new Somebody(ana, 'Ana', number);
    await person.search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const views = await ended(seeker.search.find(number));
    return { person, seeker, id: typeof views === 'string' ? '' : (views[0]?.id ?? '') };
  };

  it('may have gone, or take no more strangers', async () => {
    const { person, seeker, id } = await found();
    person.secret = undefined;
    expect(await ended(seeker.search.call(id))).toBe('number-gone');
    person.node.close();
    expect(await ended(seeker.search.call(id))).toBe('number-gone');
    expect(await ended(seeker.search.call('nobody'))).toBe('number-gone');
    expect(seeker.taken).toEqual([]);
  });

  it('answers nobody once the switch is off', async () => {
    const { person, seeker, id } = await found();
    await person.search.announce(false);
    expect(await ended(seeker.search.call(id))).toBe('number-gone');
    await clock.advance(60_000, settle);
    expect(await ended(seeker.search.find(await numberOf(ana)))).toBe('number-nobody');
  });
});

describe('calls', () => {
  const target = async (number: string) => (await sha256(utf8(number))).slice(0, 20);

  it('that are being answered end when the switch is turned off', async () => {
    const number = await numberOf(ana);
    const person = new Somebody(ana, 'Ana', number);
    await person.search.announce(true);
    await clock.advance(1_000, settle);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const found = await ended(seeker.search.find(number));
    const held = gate();
    let reached = false;
    person.asked = () => {
      reached = true;
      return held.wait();
    };
    const called = seeker.search.call(typeof found === 'string' ? '' : (found[0]?.id ?? ''));
    called.catch(() => {});
    while (!reached) await clock.advance(10, settle);
    await person.search.announce(false);
    held.open();
    expect(await ended(called)).toBe('number-gone');
    expect(seeker.taken).toEqual([]);
  });

  it('that say nothing, through one neighbour, leave room for those through others', async () => {
    const links: Link[] = [];
    const person = overlays.node();
    const byNumber = new ByNumber({
      overlay: person,
      clock,
      random: seededRandom(3),
      log: silentLog,
      onCall: (link) => {
        links.push(link);
        return new Promise(() => {});
      },
    });
    byNumber.announce(await target('1'));
    await clock.advance(1_000, settle);
    const caller = overlays.node();
    const to = { id: person.id, via: [] };
    for (let count = 0; count < 4; count += 1) void caller.openCircuit(to, 'number', new Uint8Array());
    await clock.advance(1_000, settle);
    expect(links).toHaveLength(2);
    // Far away in the ring, so it has other neighbours.
    const [, , , other] = Array.from({ length: 8 }, () => overlays.node());
    void other?.openCircuit(to, 'number', new Uint8Array());
    await clock.advance(1_000, settle);
    expect(links).toHaveLength(3);
    byNumber.close();
  });
});

describe('announcing', () => {
  const announced = () => sights.filter(({ what }) => what === 'announce').length;

  it('does not begin when the switch was turned off while the number was being worked on', async () => {
    const number = await numberOf(ana);
    const person = new Somebody(ana, 'Ana', number);
    const held = gate();
    person.argon2 = held.wait;
    const on = person.search.announce(true);
    await person.search.announce(false);
    held.open();
    await on;
    await clock.advance(60 * 60_000, settle);
    expect([announced(), clock.pending]).toEqual([0, 0]);
    const seeker = new Somebody(ben, 'Ben', await numberOf(ben));
    const link = await ended(seeker.byNumber.call({ id: person.node.id, via: [] }));
    const closed = new Promise<string>((resolve) => typeof link === 'object' && link.onClose(() => resolve('closed')));
    expect(await ended(closed)).toBe('closed');
  });

  it('tells nobody when the switch was turned off while the nodes to tell were looked for', async () => {
    const person = new Somebody(ana, 'Ana', await numberOf(ana));
    await person.search.announce(true);
    await clock.advance(10, settle);
    expect(announced()).toBe(1);
    await person.search.announce(false);
    await clock.advance(60_000, settle);
    expect([...overlays.announced.values()].flatMap((nodes) => [...nodes])).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('does not begin on a page that went away meanwhile', async () => {
    const person = new Somebody(ana, 'Ana', await numberOf(ana));
    const held = gate();
    person.argon2 = held.wait;
    const on = person.search.announce(true);
    person.search.close();
    held.open();
    await on;
    await clock.advance(60_000, settle);
    expect([announced(), clock.pending]).toEqual([0, 0]);
  });

  it('is done later when Argon2id could not be, unless the switch was turned off', async () => {
    const person = new Somebody(ana, 'Ana', await numberOf(ana));
    person.argon2 = noMemory;
    await person.search.announce(true);
    person.argon2 = async () => {};
    await clock.advance(60_000, settle);
    expect(announced()).toBe(1);
    const other = new Somebody(cleo, 'Cleo', await numberOf(cleo));
    other.argon2 = noMemory;
    await other.search.announce(true);
    const held = gate();
    other.argon2 = () => held.wait().then(noMemory);
    const again = other.search.announce(true);
    await other.search.announce(false);
    held.open();
    await again;
    other.argon2 = async () => {};
    await clock.advance(120_000, settle);
    expect(announced()).toBe(1);
  });

  it('goes on every 15 minutes or so, until the switch is off', async () => {
    const person = new Somebody(ana, 'Ana', await numberOf(ana));
    await person.search.announce(true);
    await clock.advance(60 * 60_000, settle);
    expect(announced()).toBeGreaterThanOrEqual(4);
    expect(announced()).toBeLessThanOrEqual(5);
    await person.search.announce(false);
    const before = announced();
    await clock.advance(60 * 60_000, settle);
    expect([announced(), clock.pending]).toEqual([before, 0]);
  });

  it('is tried again soon while nobody takes it', async () => {
    overlays.broken = true;
    await new Somebody(ana, 'Ana', await numberOf(ana)).search.announce(true);
    await clock.advance(120_000, settle);
    expect(announced()).toBeGreaterThanOrEqual(4);
    expect(announced()).toBeLessThanOrEqual(6);
  });

  it('waits for the number', async () => {
    await new Somebody(ana, 'Ana', '').search.announce(true);
    await clock.advance(120_000, settle);
    expect(announced()).toBe(0);
  });
});
