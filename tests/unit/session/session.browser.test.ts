// The same handshakes in a real browser: its own WebCrypto, and its own ML-KEM where it has one.
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { answerCaller, callShower } from '../../../src/core/pairing/first-contact.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { LinkPair } from '../../fixtures/links.ts';
import { ana, ben } from '../../fixtures/people.ts';
import { talk } from '../../fixtures/sessions.ts';

describe('in the browser', () => {
  it('a session carries 200 messages of all sizes in order, across many keys', async () => {
    const { a, b } = await talk({ rekeyLimits: { ms: 1e9, bytes: 1e12, frames: 9 } });
    const got: number[] = [];
    const all = new Promise<void>((resolve) =>
      b.onMessage((payload) => {
        got.push(payload[0] as number);
        if (got.length === 200) resolve();
      }),
    );
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    await Promise.all(numbers.map((one) => a.send(new Uint8Array(1 + ((one * 7_919) % 65_536)).fill(one))));
    await all;
    expect(got).toEqual(numbers);
    expect(a.protocol).toBe('Noise_KKpsk0_25519+MLKEM768_AESGCM_SHA256');
  });

  it('a changed frame ends the session', async () => {
    const { a, b, links } = await talk();
    const end = new Promise((resolve) => b.onClose(resolve));
    // One way alone: of two ends that both see a changed frame, the slower one sees a closed link.
    links.fate = ({ from, frame }) =>
      from === 'a' ? { replace: frame.map((byte, index) => (index === 5 ? byte ^ 1 : byte)) } : 'deliver';
    await a.send(new Uint8Array(100));
    expect(await end).toBe('frame-authentication');
  });

  it('two people meet by a card and share one secret', async () => {
    const links = new LinkPair();
    const card = { fingerprint: ana.fingerprint, secret: new Uint8Array(16).fill(5) };
    const common = { card, clock: new MemoryClock(), random: seededRandom(3), log: silentLog };
    const [bens, anas] = await Promise.all([
      callShower({ ...common, link: links.a, self: ben, name: 'Ben' }),
      answerCaller({ ...common, link: links.b, self: ana, name: 'Ana' }),
    ]);
    expect([bens.person.name, anas.person.name]).toEqual(['Ana', 'Ben']);
    expect(bens.pairSecret).toEqual(anas.pairSecret);
  });
});
