// The handshake of first contact: who is let in, and who is not.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import type { Card } from '../../../src/core/identity/card.ts';
import type { Identity } from '../../../src/core/identity/keys.ts';
import {
  answerCaller,
  callShower,
  type FirstContact,
  type FirstContactOptions,
} from '../../../src/core/pairing/first-contact.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { LinkPair, type LinkPairOptions } from '../../fixtures/links.ts';
import { ana, ben, cleo } from '../../fixtures/people.ts';
import { until } from '../../fixtures/until.ts';

const secret = new Uint8Array(16).fill(5);
const card: Card = { fingerprint: ana.fingerprint, secret };

interface Seats {
  readonly links: LinkPair;
  readonly clock: MemoryClock;
  readonly caller: FirstContactOptions;
  readonly shower: FirstContactOptions;
}

function seats(options: LinkPairOptions = {}): Seats {
  const links = new LinkPair(options);
  const clock = new MemoryClock();
  const common = { card, clock, random: seededRandom(3), log: silentLog };
  return {
    links,
    clock,
    caller: { ...common, link: links.a, self: ben, name: 'Ben' },
    shower: { ...common, link: links.b, self: ana, name: 'Ana' },
  };
}

const kind = (contact: Promise<FirstContact>): Promise<string> =>
  contact.then(
    ({ person }) => `met ${person.name}`,
    (error) => error.kind,
  );

const outcomes = ({ caller, shower }: Seats): Promise<string[]> =>
  Promise.all([kind(callShower(caller)), kind(answerCaller(shower))]);

/** Cleo with the genuine bundle and signature of somebody else, as seen in an earlier contact. */
const posingAs = (victim: Identity): Identity => ({ ...victim, dh: cleo.dh });

describe('first contact', () => {
  it('tells each side who the other is and leaves them one secret', async () => {
    const { caller, shower } = seats();
    const [bens, anas] = await Promise.all([callShower(caller), answerCaller(shower)]);
    expect(bens.person).toMatchObject({ name: 'Ana', fingerprint: ana.fingerprint, bundle: ana.bundle });
    expect(anas.person).toMatchObject({ name: 'Ben', fingerprint: ben.fingerprint, bundle: ben.bundle });
    expect(bens.pairSecret).toEqual(anas.pairSecret);
    expect(bens.pairSecret.length).toBe(32);
  });

  it('gives another secret every time', async () => {
    const one = seats();
    const random = seededRandom(4);
    const [first] = await Promise.all([callShower(one.caller), answerCaller(one.shower)]);
    const other = seats();
    const [second] = await Promise.all([
      callShower({ ...other.caller, random }),
      answerCaller({ ...other.shower, random }),
    ]);
    expect(first.pairSecret).not.toEqual(second.pairSecret);
  });

  it('shows neither names nor keys to who watches the link', async () => {
    const { caller, shower, links } = seats();
    await Promise.all([callShower({ ...caller, name: 'Benjamin' }), answerCaller({ ...shower, name: 'Anastasia' })]);
    for (const { frame } of links.passed) {
      for (const secretText of ['Benjamin', 'Anastasia', ana.bundle.subarray(1, 33), ben.dh.publicKey]) {
        expect(Buffer.from(frame).includes(Buffer.from(secretText as Uint8Array))).toBe(false);
      }
    }
  });

  it('fails without the card’s secret', async () => {
    const one = seats();
    const wrong: Card = { ...card, secret: new Uint8Array(16).fill(6) };
    expect(await outcomes({ ...one, caller: { ...one.caller, card: wrong } })).toEqual([
      'link-closed',
      'handshake-failed',
    ]);
  });

  it('fails under another fingerprint than the card’s', async () => {
    const one = seats();
    const wrong: Card = { ...card, fingerprint: cleo.fingerprint };
    expect(await outcomes({ ...one, caller: { ...one.caller, card: wrong } })).toEqual([
      'link-closed',
      'handshake-failed',
    ]);
  });

  describe('with a card that went through a mailbox', () => {
    const psk = new Uint8Array(32).fill(9);
    const promised = (one: Seats): Seats => ({
      ...one,
      caller: { ...one.caller, promise: { psk, fingerprint: ana.fingerprint } },
      shower: { ...one.shower, promise: { psk, fingerprint: ben.fingerprint } },
    });

    it('runs under the secret from there', async () => {
      expect(await outcomes(promised(seats()))).toEqual(['met Ana', 'met Ben']);
    });

    it('lets in nobody who only knows the card', async () => {
      const one = promised(seats());
      const { promise: _, ...caller } = one.caller;
      expect(await outcomes({ ...one, caller })).toEqual(['link-closed', 'handshake-failed']);
    });

    it('lets in nobody but the one it was made with, even with the secret', async () => {
      const one = promised(seats());
      const [, shower] = await outcomes({ ...one, caller: { ...one.caller, self: cleo } });
      expect(shower).toBe('contact-impostor');
    });
  });

  it('a genuine bundle with a foreign static key does not pass for the shower', async () => {
    const one = seats();
    expect(await outcomes({ ...one, shower: { ...one.shower, self: posingAs(ana) } })).toEqual([
      'contact-impostor',
      'link-closed',
    ]);
    expect(one.links.sentBy('a').length).toBe(1);
  });

  it('a genuine bundle with a foreign static key does not pass for a caller', async () => {
    const one = seats();
    const [, shower] = await outcomes({ ...one, caller: { ...one.caller, self: posingAs(ben) } });
    expect(shower).toBe('contact-impostor');
  });

  it('somebody else who knows the card’s secret does not pass for its shower', async () => {
    const one = seats();
    expect(await outcomes({ ...one, shower: { ...one.shower, self: cleo } })).toEqual([
      'contact-impostor',
      'link-closed',
    ]);
  });

  it('one’s own keys from the other side are nobody to meet', async () => {
    const one = seats();
    expect(await outcomes({ ...one, caller: { ...one.caller, self: ana } })).toEqual([
      'contact-impostor',
      'link-closed',
    ]);
  });

  it('a bundle that another key signed is refused', async () => {
    const one = seats();
    const forged: Identity = { ...ben, sign: cleo.sign };
    const [, shower] = await outcomes({ ...one, caller: { ...one.caller, self: forged } });
    expect(shower).toBe('contact-impostor');
  });

  it('is bound to its link: messages carried over to another link fail', async () => {
    const [left, right] = [seats({ number: 1 }), seats({ number: 2 })];
    left.links.fate = ({ frame }) => {
      right.links.inject('b', frame);
      return 'drop';
    };
    const calling = kind(callShower(left.caller));
    expect(await kind(answerCaller(right.shower))).toBe('handshake-failed');
    left.links.kill();
    expect(await calling).toBe('link-closed');
  });

  it('two who both call, and two who both answer, come to nothing', async () => {
    const one = seats();
    const other = { ...one.shower, self: cleo };
    expect(await Promise.all([kind(callShower(one.caller)), kind(callShower(other))])).not.toContain('met Ben');
    const two = seats();
    const waiting = Promise.all([kind(answerCaller(two.caller)), kind(answerCaller(two.shower))]);
    await two.clock.advance(15_000);
    expect(await waiting).toContain('link-timeout');
  });

  it('gives up after 15 s of nothing', async () => {
    const one = seats({ fate: () => 'drop' });
    const waiting = kind(callShower(one.caller));
    await until(() => one.links.sentBy('a').length === 1);
    await one.clock.advance(15_000);
    expect(await waiting).toBe('link-timeout');
    expect(one.links.a.closed).toBe(true);
  });

  it('another wire version is refused and understood', async () => {
    const bump = (frame: Uint8Array): Uint8Array => Uint8Array.from(frame, (byte, index) => (index === 0 ? 7 : byte));
    const one = seats({ fate: ({ from, frame }) => (from === 'a' ? { replace: bump(frame) } : 'deliver') });
    expect(await outcomes(one)).toEqual(['frame-version', 'frame-version']);
  });
});
