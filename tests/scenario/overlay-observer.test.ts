// Ten pairs of contacts meet through the overlay over three days. Somebody stores all of its traffic and looks for people in it.
import { expect, it } from 'vitest';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryNetwork } from '../../src/adapters/memory/dialer.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { concat } from '../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../src/core/bytes/hex.ts';
import { utf8 } from '../../src/core/bytes/utf8.ts';
import { sha256 } from '../../src/core/crypto/kdf.ts';
import { type Identity, identityFromRoot } from '../../src/core/identity/keys.ts';
import { numberFromArgon2 } from '../../src/core/identity/number.ts';
import { OverlayDoor } from '../../src/core/overlay/overlay-door.ts';
import { RECORD_BYTES } from '../../src/core/overlay/place-record.ts';
import { silentLog } from '../../src/core/ports/log.ts';
import { Rendezvous } from '../../src/core/rendezvous/rendezvous.ts';
import { dailyTopics } from '../../src/core/rendezvous/topics.ts';
import { pairMeeting } from '../../src/core/session/pair-keys.ts';
import { sessionRole } from '../../src/core/session/session.ts';
import { FakeOverlays, type Sight } from '../fixtures/fake-overlay.ts';
import { settle } from '../fixtures/until.ts';

const PAIRS = 10;
const DAYS = 3;
const HOUR_MS = 3_600_000;
const WINDOW_BYTES = 8;

const clock = new MemoryClock();
const random = seededRandom(77);
const network = new MemoryNetwork({ clock, random });
const overlays = new FakeOverlays(clock, random);
const sights: Sight[] = [];
overlays.onSight = (sight) => sights.push(sight);

/** A page of this person, looking for that one. Returns what closes it. */
async function open(
  self: Identity,
  other: Identity,
  secret: Uint8Array,
): Promise<{ met: () => boolean; close(): void }> {
  const overlay = overlays.node();
  const common = { clock, random, log: silentLog };
  const door = new OverlayDoor({ overlay, ...common });
  const rendezvous = new Rendezvous({ doors: [door], dialer: network.dialer(), ...common });
  const meeting = await pairMeeting(secret, sessionRole(self.fingerprint, other.fingerprint));
  const onLink = () => appointment.satisfied(true);
  const appointment = rendezvous.meet({ id: 'test', meeting, daily: true, onLink });
  return {
    met: () => appointment.state === 'met',
    close: () => {
      rendezvous.close();
      door.close();
      overlay.close();
    },
  };
}

const windowsOf = (bytes: Uint8Array): string[] =>
  Array.from({ length: bytes.length - WINDOW_BYTES + 1 }, (_, at) => toHex(bytes.subarray(at, at + WINDOW_BYTES)));

it('whoever stores all traffic of the overlay links no record to a number, a fingerprint, a pair or another day', async () => {
  const secrets: Uint8Array[] = [];
  const people: Identity[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const [ana, ben, secret] = [random.bytes(32), random.bytes(32), random.bytes(32)];
    people.push(await identityFromRoot(ana), await identityFromRoot(ben));
    secrets.push(secret);
  }
  for (let day = 0; day < DAYS; day++) {
    // Every page is opened anew each day, as pages are; each day's record keys must then have nothing in common.
    const pages = await Promise.all(
      people.map((self, index) => open(self, people[index ^ 1] as Identity, secrets[index >> 1] as Uint8Array)),
    );
    await clock.advance(2 * 60_000, settle);
    expect(pages.every((page) => page.met())).toBe(true);
    await clock.advance(HOUR_MS, settle);
    for (const page of pages) page.close();
    await clock.advance(24 * HOUR_MS - HOUR_MS - 2 * 60_000, settle);
  }

  const puts = sights.flatMap((sight) => (sight.what === 'put' ? [sight] : []));
  expect(puts.length).toBeGreaterThan(PAIRS * 2 * DAYS * 3);

  // Values: one length, and nothing in any of them occurs twice.
  expect(new Set(puts.map(({ value }) => value.length))).toEqual(new Set([RECORD_BYTES]));
  const windows = puts.flatMap(({ value }) => windowsOf(value));
  expect(new Set(windows).size).toBe(windows.length);

  // Keys: another one for each side of each pair on each day, with nothing in common.
  const keys = [...new Set(puts.map(({ key }) => key))];
  expect(keys).toHaveLength(PAIRS * 2 * (DAYS + 2));
  const ofKeys = keys.flatMap((key) => windowsOf(fromHex(key)));
  expect(new Set([...ofKeys, ...windows]).size).toBe(ofKeys.length + windows.length);

  // No person in any byte of anything: neither key nor value nor question.
  const traces = await Promise.all(
    people.map(async ({ fingerprint, bundle }, index) => {
      const number = numberFromArgon2(await sha256(fingerprint));
      const digits = utf8(number).subarray(0, WINDOW_BYTES);
      return [...windowsOf(concat(fingerprint, bundle, secrets[index >> 1] as Uint8Array)), toHex(digits)];
    }),
  );
  const everything = sights.flatMap((sight) => {
    if (sight.what === 'put') return [fromHex(sight.key), sight.value];
    if (sight.what === 'get') return [fromHex(sight.key)];
    if (sight.what === 'request' || sight.what === 'circuit') return [sight.payload];
    return [];
  });
  const seen = new Set(everything.flatMap(windowsOf));
  expect(traces.flat().filter((trace) => seen.has(trace))).toEqual([]);

  // Whoever sees a tracker too finds none of its topics here.
  const day = Math.floor(clock.now() / (24 * HOUR_MS)) - DAYS;
  const topics = await Promise.all(
    secrets.flatMap((secret) =>
      Array.from({ length: DAYS }, async (_, past) => {
        const [today] = await dailyTopics(await pairMeeting(secret, 'initiator'), day + past);
        return windowsOf(today?.bytes ?? new Uint8Array());
      }),
    ),
  );
  expect(topics.flat().filter((trace) => seen.has(trace))).toEqual([]);
}, 120_000);
