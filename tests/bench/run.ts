// `npm run bench`: Kith beside a raw data channel, in turns, in two browsers of their own (README.md says what each line is).
//   npm run bench -- --json FILE      also writes that table as JSON
//   npm run bench -- --runs 9         more runs of everything (5)
//   npm run bench -- --only files     one part alone: files, round-trip, messages, connect, page
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lighthouseScores } from '../tools/lighthouse.ts';
import { kithConnect, rawConnect } from './bench-connect.ts';
import { type FileRun, kithFiles, rawFiles } from './bench-files.ts';
import { kithDeliveries, rawMessagesPerSecond, roundTrips } from './bench-messages.ts';
import { Measurements, median } from './measure.ts';
import { Pair } from './pair.ts';
import { machine, reportOf, table } from './report.ts';
import { startSites } from './site.ts';

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, runs: { type: 'string', default: '5' }, only: { type: 'string' } },
});
const runs = Number(options.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs must be a positive number, not "${options.runs}".`);

const measured = new Measurements();

/** One run of each part, raw before Kith. */
const parts: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
  async files(pair) {
    addFiles('raw', await rawFiles(pair));
    addFiles('kith', await kithFiles(pair));
  },
  async 'round-trip'(pair) {
    const { raw, kith } = await roundTrips(pair);
    measured.add('roundTrip200B.raw', 'ms', raw);
    measured.add('roundTrip200B.kith', 'ms', kith);
  },
  async messages(pair) {
    measured.add('messagesPerSecond.raw', '1/s', await rawMessagesPerSecond(pair));
    const { perSecond, oneByOne } = await kithDeliveries(pair);
    measured.add('messagesPerSecond.kith', '1/s', perSecond);
    measured.add('delivered200B', 'ms', oneByOne);
  },
  async connect(pair) {
    measured.add('connect.raw', 'ms', median(await rawConnect(pair)));
    measured.add('connect.kith', 'ms', median(await kithConnect(pair)));
  },
};

function addFiles(who: 'raw' | 'kith', { cold, warm }: FileRun): void {
  for (const [name, { total, prepared }] of [
    ['file25MiBCold', cold],
    ['file25MiBWarm', warm],
  ] as const) {
    measured.add(`${name}.${who}`, 'ms', total);
    if (prepared === undefined) continue;
    measured.add(`${name}.${who}.preparing`, 'ms', prepared);
    measured.add(`${name}.${who}.moving`, 'ms', total - prepared);
  }
}

const wanted = (part: string): boolean => options.only === undefined || options.only === part;

async function main(): Promise<void> {
  const sites = await startSites();
  try {
    await measurePair(sites);
    if (wanted('page')) await measurePage(sites.app);
  } finally {
    await sites.close();
  }
  const report = reportOf(machine(), measured.results());
  console.log(table(report));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

async function measurePair(sites: Awaited<ReturnType<typeof startSites>>): Promise<void> {
  const pair = await Pair.arrive(sites);
  try {
    for (let run = 1; run <= runs; run += 1) {
      for (const [name, part] of Object.entries(parts)) {
        if (!wanted(name)) continue;
        console.log(`run ${run} of ${runs}: ${name}`);
        await part(pair);
      }
    }
  } finally {
    await pair.leave();
  }
}

async function measurePage(url: string): Promise<void> {
  for (let run = 1; run <= runs; run += 1) {
    console.log(`run ${run} of ${runs}: page`);
    const { performance: page } = await lighthouseScores(url, ['performance']);
    measured.add('lighthousePerformance', 'of 100', page.score);
  }
}

await main();
// Lighthouse leaves timers behind.
process.exit(0);
