// Finding people by number over overlays in memory: who answers, who only pretends to, and how often one may ask.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { kemKeyPair } from '../../../src/core/crypto/kem.ts';
import type { Card } from '../../../src/core/identity/card.ts';
import type { Identity } from '../../../src/core/identity/keys.ts';
import { numberFromArgon2 } from '../../../src/core/identity/number.ts';
import { NumberSearch } from '../../../src/core/node/number-search.ts';
import { ByNumber } from '../../../src/core/overlay/by-number.ts';
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

  constructor(self: Identity, name: string, number: string) {
    const common = { clock, random: seededRandom(self.fingerprint[0] ?? 0), log: silentLog };
    this.search = new NumberSearch({
      ...common,
      self,
      name: () => name,
      number: () => number,
      numbers: {
        derive: async (fingerprint) => {
          this.derived += 1;
          return numberFromArgon2(await sha256(fingerprint));
        },
        findTarget: async (of) => (await sha256(utf8(of))).slice(0, 20),
      },
      take: async (card) => {
        this.taken.push(card);
        return 'attempt';
      },
      strangerCard: async () => this.secret,
    });
    this.byNumber = new ByNumber({ ...common, overlay: this.node, onCall: (link) => this.search.answer(link) });
    this.search.use(this.byNumber);
  }
}

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

describe('announcing', () => {
  const announced = () => sights.filter(({ what }) => what === 'announce').length;

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
