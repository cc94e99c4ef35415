import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryClock, skewed } from '../../../src/adapters/memory/clock.ts';
import { MemoryNetwork } from '../../../src/adapters/memory/dialer.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';
import { doorPrefix } from '../../../src/core/node-api.ts';
import { addressOf } from '../../../src/core/overlay/address.ts';
import { decodeAnswer, decodeInvitation, encodeInvitation } from '../../../src/core/overlay/doors/door-text.ts';
import { INVITATION_LIFE_MS, InvitationDesk } from '../../../src/core/overlay/doors/invitation.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { LinkedOverlays } from '../../fixtures/linked-overlays.ts';

function setUp() {
  const clock = new MemoryClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(1) });
  const overlays = new LinkedOverlays(clock);
  const person = (byte: number, offsetMs = 0) => {
    const overlay = overlays.node(byte);
    const dialer = network.dialer();
    const random = seededRandom(byte);
    let told = 0;
    const options = { overlay, dialer, clock: skewed(clock, offsetMs), random, log: silentLog };
    const desk = new InvitationDesk({ ...options, changed: () => told++ });
    const invite = async () => (await desk.invite()).text;
    const answer = async (text: string) => (await desk.answer(text)).text;
    const fate = (id: string) => desk.given.find((given) => given.id === id)?.state;
    return { overlay, dialer, desk, invite, answer, fate, told: () => told };
  };
  const failure = (promise: Promise<unknown>) => clock.until(promise.then(() => 'no error', kindOf));
  return { clock, network, person, failure };
}

describe('meeting without a tracker', () => {
  it('makes two people neighbours by a text each way', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    expect(invitation.startsWith(doorPrefix.invitation)).toBe(true);
    const answer = await clock.until(ben.answer(invitation));
    expect(answer.startsWith(doorPrefix.answer)).toBe(true);
    await clock.until(ana.desk.accept(answer));
    expect([...ana.overlay.neighbours.keys()]).toEqual([addressOf(ben.overlay.id)]);
    await clock.advance(1_000);
    expect([...ben.overlay.neighbours.keys()]).toEqual([addressOf(ana.overlay.id)]);
  });

  it('takes the texts in any case, with the spaces and line ends of a messenger', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const wrapped = (text: string) => ` ${text.toUpperCase().replace(/(.{20})/g, '$1\r\n ')}\u200b`;
    const answer = await clock.until(ben.answer(wrapped(await clock.until(ana.invite()))));
    await clock.until(ana.desk.accept(wrapped(answer)));
    expect(ana.overlay.neighbours.size).toBe(1);
  });

  it('lets people take their time', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    await clock.advance(1_200_000);
    const answer = await clock.until(ben.answer(invitation));
    await clock.advance(1_200_000);
    await clock.until(ana.desk.accept(answer));
    expect(ana.overlay.neighbours.size).toBe(1);
  });

  it('gives the same answer to the same invitation', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    const answer = await clock.until(ben.answer(invitation));
    expect(await clock.until(ben.answer(invitation))).toBe(answer);
    expect(ben.dialer.opened).toBe(1);
  });

  it('makes one connection for two who ask for the same answer at once', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    const [first, second] = await clock.until(
      Promise.all([ben.desk.answer(invitation), ben.desk.answer(invitation.toUpperCase())]),
    );
    expect(second).toEqual(first);
    expect(ben.dialer.opened).toBe(1);
    ben.desk.close();
    expect(ben.dialer.alive).toBe(0);
  });

  it('does not mind clocks that are a day apart', async () => {
    const { clock, person } = setUp();
    for (const offset of [-86_400_000, 86_400_000]) {
      const [ana, ben] = [person(1), person(2, offset)];
      await clock.until(ben.answer(await clock.until(ana.invite())));
    }
  });

  it('knows its own invitation', async () => {
    const { clock, person, failure } = setUp();
    const ana = person(1);
    const invitation = await clock.until(ana.invite());
    expect(await failure(ana.answer(invitation))).toBe('door-own');
  });

  it('replaces an invitation by the next, and frees the first', async () => {
    const { clock, person, failure } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const answer = await clock.until(ben.answer(await clock.until(ana.invite())));
    await clock.until(ana.invite());
    expect(ana.dialer.alive).toBe(1);
    expect(await failure(ana.desk.accept(answer))).toBe('door-unexpected');
  });

  it('says when an invitation is too old, on either side', async () => {
    const { clock, person, failure } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    const answer = await clock.until(ben.answer(invitation));
    await clock.advance(INVITATION_LIFE_MS);
    expect(ana.dialer.alive).toBe(0);
    expect(await failure(ana.desk.accept(answer))).toBe('door-expired');
    await clock.advance(2 * 86_400_000);
    expect(ben.dialer.alive).toBe(0);
    expect(await failure(ben.answer(invitation))).toBe('door-expired');
  });

  it('says when the two did not reach each other', async () => {
    const { clock, network, person, failure } = setUp();
    network.reachable = false;
    const [ana, ben] = [person(1), person(2)];
    const answer = await clock.until(ben.answer(await clock.until(ana.invite())));
    expect(await failure(ana.desk.accept(answer))).toBe('door-failed');
    expect(ana.dialer.alive).toBe(0);
  });

  it('holds no more than a few answers open', async () => {
    const { clock, person } = setUp();
    const ben = person(100);
    for (let byte = 1; byte <= 10; byte++) await clock.until(ben.answer(await clock.until(person(byte).invite())));
    expect(ben.dialer.alive).toBe(3);
  });

  it('leaves nothing behind when the page closes', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    await clock.until(ben.answer(await clock.until(ana.invite())));
    ana.desk.close();
    ben.desk.close();
    expect([ana.dialer.alive, ben.dialer.alive]).toEqual([0, 0]);
  });
});

describe('what became of a text', () => {
  it('is told under its own id, whatever else happens to the neighbours meanwhile', async () => {
    const { clock, person } = setUp();
    const [ana, ben, cleo] = [person(1), person(2), person(3)];
    const [toAna, toCleo] = [await clock.until(ana.desk.invite()), await clock.until(cleo.desk.invite())];
    const answer = await clock.until(ben.desk.answer(toAna.text));
    const second = await clock.until(ben.desk.answer(toCleo.text));
    expect([ben.fate(answer.id), ben.fate(second.id)]).toEqual(['waiting', 'waiting']);
    const before = ben.told();
    await clock.until(cleo.desk.accept(second.text));
    await clock.advance(1_000);
    expect(ben.overlay.neighbours.size).toBe(1);
    expect([ben.fate(answer.id), ben.fate(second.id)]).toEqual(['waiting', 'met']);
    expect([ana.fate(toAna.id), cleo.fate(toCleo.id)]).toEqual(['waiting', 'met']);
    expect(ben.told()).toBe(before + 1);
  });

  it('is over when its hour has passed without anybody, on either side', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.desk.invite());
    const answer = await clock.until(ben.desk.answer(invitation.text));
    await clock.advance(INVITATION_LIFE_MS + 1_000);
    expect([ana.fate(invitation.id), ben.fate(answer.id)]).toEqual(['over', 'over']);
  });

  it('is over when another invitation takes its place, and when the two did not reach each other', async () => {
    const { clock, network, person, failure } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const first = await clock.until(ana.desk.invite());
    const second = await clock.until(ana.desk.invite());
    expect([ana.fate(first.id), ana.fate(second.id)]).toEqual(['over', 'waiting']);
    network.reachable = false;
    const answer = await clock.until(ben.answer(second.text));
    expect(await failure(ana.desk.accept(answer))).toBe('door-failed');
    expect(ana.fate(second.id)).toBe('over');
  });

  it('stays what it was when it has met: the hour that passes then means nothing', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.desk.invite());
    await clock.until(ana.desk.accept(await clock.until(ben.answer(invitation.text))));
    await clock.advance(INVITATION_LIFE_MS + 1_000);
    expect(ana.fate(invitation.id)).toBe('met');
  });

  it('is another thing for a second answer to an invitation that was used: nobody takes the first one’s luck for its own', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    const answer = await clock.until(ben.desk.answer(invitation));
    await clock.until(ana.desk.accept(answer.text));
    await clock.advance(1_000);
    const again = await clock.until(ben.desk.answer(invitation));
    expect([ben.fate(answer.id), ben.fate(again.id)]).toEqual(['met', 'waiting']);
  });

  it('is forgotten before long, but never while it waits', async () => {
    const { clock, person } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const answer = await clock.until(ben.desk.answer(await clock.until(ana.invite())));
    for (let count = 0; count < 20; count++) await clock.until(ben.desk.invite());
    expect(ben.desk.given).toHaveLength(8);
    expect(ben.fate(answer.id)).toBe('waiting');
  });
});

describe('a text that is not the one', () => {
  it('is told apart: nothing, foreign, cut off, mistyped, the other kind', async () => {
    const { clock, person, failure } = setUp();
    const [ana, ben] = [person(1), person(2)];
    const invitation = await clock.until(ana.invite());
    const answer = await clock.until(ben.answer(invitation));
    const slip = `${invitation.slice(0, 30)}${invitation[30] === 'q' ? 'p' : 'q'}${invitation.slice(31)}`;
    expect(await failure(ben.answer(' \n '))).toBe('door-empty');
    expect(await failure(ana.desk.accept(''))).toBe('door-empty');
    for (const text of ['hello', 'kith1qqqq', invitation.slice(0, -1), slip, answer, `${doorPrefix.invitation}q`])
      expect(await failure(ben.answer(text))).toBe('door-malformed');
    for (const text of ['hello', answer.slice(0, -5), invitation, 'x'.repeat(100_000)])
      expect(await failure(ana.desk.accept(text))).toBe('door-malformed');
    // None of it has used up the invitation.
    await clock.until(ana.desk.accept(answer));
  });

  it('is refused when its signal makes no sense', async () => {
    const { clock, person, failure } = setUp();
    const forged = encodeInvitation({ id: new Uint8Array(8), madeAt: clock.now(), signal: Uint8Array.of(1, 2) });
    expect(await failure(person(1).answer(forged))).toBe('door-malformed');
  });

  it('never makes anything but a KithError', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'kith-door1', 'kith-answer1'), (text, prefix) => {
        for (const decode of [decodeInvitation, decodeAnswer]) {
          try {
            decode(prefix + text);
          } catch (error) {
            expect(error).toBeInstanceOf(KithError);
          }
        }
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});
