// Small messages: there and back over a sealed session, and delivered by a whole Kith with both disks.
import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { connectRaw } from './bench-files.ts';
import { median } from './measure.ts';
import type { Pair } from './pair.ts';

/** Bytes of text in every message. */
export const MESSAGE_BYTES = 200;
/** Round trips that are timed together, how often raw and Kith take turns in one run, and the trips that nobody times. */
const ROUND_TRIPS = 100;
const TURNS = 10;
const WARM_UP = 300;
/** Unacknowledged at any time. */
const IN_FLIGHT = 64;
const RAW_MESSAGES = 20_000;
const KITH_MESSAGES = 2_000;
const DELIVERIES = 50;

export interface RoundTrips {
  /** Milliseconds there and back over a raw channel. */
  readonly raw: number;
  /** The same through a sealed session: written, sealed, sent, opened, read, and all of it back. */
  readonly kith: number;
}

/** Both connections stand side by side in the same pages and take short turns: both get the same weather. */
export async function roundTrips(pair: Pair): Promise<RoundTrips> {
  const { ana, ben } = await pair.openLab();
  await connectRaw(ana, ben);
  await connectSealed(ana, ben);
  await ben.evaluate(() => {
    window.raw.echo();
    window.sealed.echo();
  });
  const raw = (count: number) =>
    ana.evaluate(([size, n]) => window.raw.roundTrip(size, n), [MESSAGE_BYTES, count] as const);
  const kith = (count: number) =>
    ana.evaluate(([size, n]) => window.sealed.roundTrip(size, n), [MESSAGE_BYTES, count] as const);
  await raw(WARM_UP);
  await kith(WARM_UP);
  const turns: RoundTrips[] = [];
  while (turns.length < TURNS) turns.push({ raw: await raw(ROUND_TRIPS), kith: await kith(ROUND_TRIPS) });
  return { raw: median(turns.map((turn) => turn.raw)), kith: median(turns.map((turn) => turn.kith)) };
}

async function connectSealed(ana: Page, ben: Page): Promise<void> {
  const [anas, bens] = await Promise.all(
    [ana, ben].map((page) =>
      page.evaluate(() => {
        window.sealed = new window.lab.SealedPair();
        return window.sealed.bundle();
      }),
    ),
  );
  const offer = await ana.evaluate(() => window.sealed.offer());
  const answer = await ben.evaluate((signal) => window.sealed.answer(signal), offer);
  await ana.evaluate((signal) => window.sealed.accept(signal), answer);
  const secret = randomBytes(32).toString('hex');
  const establish = (page: Page, bundle = '') =>
    page.evaluate(([peer, key]) => window.sealed.establish(peer, key), [bundle, secret] as const);
  await Promise.all([establish(ana, bens), establish(ben, anas)]);
}

/** Acknowledged messages a second over a raw channel. */
export async function rawMessagesPerSecond(pair: Pair): Promise<number> {
  const { ana, ben } = await pair.openLab();
  await connectRaw(ana, ben);
  await ben.evaluate(() => window.raw.acknowledge());
  return ana.evaluate(([size, count, inFlight]) => window.raw.messagesPerSecond(size, count, inFlight), [
    MESSAGE_BYTES,
    RAW_MESSAGES,
    IN_FLIGHT,
  ] as const);
}

export interface Deliveries {
  /** Milliseconds for one message at a time, from writing it to knowing that the other's disk has it. */
  readonly oneByOne: number;
  /** Messages delivered a second with 64 under way. */
  readonly perSecond: number;
}

/** Through a whole Kith: stored before sent, acknowledged after the other's disk has it. */
export async function kithDeliveries(pair: Pair): Promise<Deliveries> {
  const { ana } = await pair.openLabPeople();
  const measure = (count: number, inFlight: number) =>
    ana.evaluate(([size, n, width]) => window.people.deliver(size, n, width), [
      MESSAGE_BYTES,
      count,
      inFlight,
    ] as const);
  await measure(DELIVERIES, 1);
  const oneByOne = (await measure(DELIVERIES, 1)) / DELIVERIES;
  const perSecond = (1000 * KITH_MESSAGES) / (await measure(KITH_MESSAGES, IN_FLIGHT));
  return { oneByOne, perSecond };
}
