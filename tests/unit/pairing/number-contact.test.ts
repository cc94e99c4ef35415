// Two strangers over a link, one of whom has typed the other's number.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { type MemoryLink, memoryLinkPair } from '../../../src/adapters/memory/links.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { kemKeyPair } from '../../../src/core/crypto/kem.ts';
import type { Identity } from '../../../src/core/identity/keys.ts';
import {
  answerNumberCall,
  askForCard,
  lookWhoAnswers,
  type NumberContactOptions,
} from '../../../src/core/pairing/number-contact.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { ana, ben, cleo } from '../../fixtures/people.ts';
import { settle } from '../../fixtures/until.ts';

const NUMBER = '123456789012347';
const secret = Uint8Array.from({ length: 16 }, (_, index) => index);
let clock: MemoryClock;
let links: [MemoryLink, MemoryLink];

// The library is loaded once; that takes no time of the clock, which would move on meanwhile.
beforeAll(() => kemKeyPair(seededRandom(1)));
beforeEach(() => {
  clock = new MemoryClock();
  links = memoryLinkPair({ clock, route: 'relayed' });
});

const options = (end: 0 | 1, self: Identity, name: string, number = NUMBER): NumberContactOptions => ({
  link: links[end],
  self,
  name,
  clock,
  random: seededRandom(end + 5),
  log: silentLog,
  number,
});
/** Time passes until it has settled. */
const ended = async <T>(promise: Promise<T>): Promise<T> => {
  let settled = false;
  const settling = () => {
    settled = true;
  };
  promise.then(settling, settling);
  while (!settled) await clock.advance(50, settle);
  return promise;
};
const said = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: Error) => error.message);

describe('looking who has a number', () => {
  it('proves who answers, and tells them nothing of who asks', async () => {
    const asked: string[] = [];
    const answered = said(answerNumberCall(options(1, ana, 'Ana'), async ({ name }) => void asked.push(name)));
    const found = lookWhoAnswers(options(0, ben, 'Ben'));
    expect(await ended(found)).toMatchObject({ name: 'Ana', fingerprint: ana.fingerprint });
    expect([await ended(answered), asked, links[0].closed, links[1].closed]).toEqual(['link-closed', [], true, true]);
  });

  it('comes to nothing with somebody who has another number', async () => {
    const answered = said(answerNumberCall(options(1, ana, 'Ana', '987654321098762'), async () => undefined));
    const found = said(lookWhoAnswers(options(0, ben, 'Ben')));
    expect([await ended(found), await ended(answered)]).toEqual(['handshake-failed', 'link-closed']);
  });

  it('with oneself is nobody', async () => {
    void said(answerNumberCall(options(1, ben, 'Ben'), async () => undefined));
    const found = said(lookWhoAnswers(options(0, ben, 'Ben')));
    expect(await ended(found)).toBe('contact-impostor');
  });
});

describe('asking for a card', () => {
  it('introduces who asks, and gives a card of whoever was found', async () => {
    const asked: string[] = [];
    void answerNumberCall(options(1, ana, 'Ana'), async ({ name }) => {
      asked.push(name);
      return secret;
    });
    const card = askForCard(options(0, ben, 'Ben'), ana.fingerprint);
    expect(await ended(card)).toEqual({ fingerprint: ana.fingerprint, secret });
    await clock.advance(100, settle);
    expect([asked, links[0].closed, links[1].closed]).toEqual([['Ben'], true, true]);
  });

  it('says nothing to somebody else who answers now', async () => {
    const asked: string[] = [];
    void said(answerNumberCall(options(1, cleo, 'Cleo'), async ({ name }) => void asked.push(name)));
    const card = said(askForCard(options(0, ben, 'Ben'), ana.fingerprint));
    expect([await ended(card), asked]).toEqual(['contact-impostor', []]);
  });

  it('is refused when they take no more strangers', async () => {
    void answerNumberCall(options(1, ana, 'Ana'), async () => undefined);
    const card = said(askForCard(options(0, ben, 'Ben'), ana.fingerprint));
    expect(await ended(card)).toBe('number-gone');
  });

  it('is given up when nothing is said', async () => {
    void answerNumberCall(options(1, ana, 'Ana'), () => new Promise(() => {}));
    const card = said(askForCard(options(0, ben, 'Ben'), ana.fingerprint));
    expect(await ended(card)).toBe('link-closed');
  });
});
