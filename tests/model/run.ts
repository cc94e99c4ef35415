// `npm run model`: the model of delivery (CHAT.md, "The model"), schedule after schedule, in as many processes as there are cores. Ends
// with 1 when a promise was broken, and says by which command each such schedule is lived through again.
//   --schedules 1000 --seed 1 --steps 200   which schedules: of so many seeds from this one on
//   --workers N                             in so many processes (default: one for each core)
//   --replay SEED                           only this one, and tells what happens in it; fewer --steps are its beginning
//   --json FILE                             also writes the result there
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { useInstantCrypto } from './instant-crypto.ts';
import { type Life, live } from './live.ts';
import { newTally, replayCommand, tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(cpus().length) },
    replay: { type: 'string' },
    json: { type: 'string' },
    /** For the processes that this one starts: which of the schedules are theirs. */
    share: { type: 'string' },
  },
});

function number(
  name: 'schedules' | 'steps' | 'seed' | 'workers' | 'replay' | 'share',
  least: number,
  most: number,
): number {
  const value = Number(values[name]);
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new Error(`--${name} must be ${least} … ${most}, not "${values[name]}".`);
  return value;
}

const TOLD_EVERY = 500;

const steps = number('steps', 1, 100_000);
const schedules = number('schedules', 1, 100_000_000);
const seed = number('seed', 0, 2 ** 31);
const workers = Math.min(number('workers', 1, 256), schedules);

if (values.replay !== undefined) await replay(number('replay', 0, 2 ** 31));
else if (values.share !== undefined) await liveShare(number('share', 0, workers - 1));
else await liveAll();

async function replay(one: number): Promise<void> {
  useInstantCrypto();
  const life = await live(one, steps, { story: true });
  console.log(life.story.join('\n'));
  console.log(life.wrong.length > 0 ? life.wrong.join('\n') : `seed ${one}: nothing was wrong`);
  process.exitCode = life.wrong.length > 0 ? 1 : 0;
}

/** One JSON line for each schedule. */
async function liveShare(share: number): Promise<void> {
  useInstantCrypto();
  for (let at = share; at < schedules; at += workers)
    process.stdout.write(`${JSON.stringify(await live(seed + at, steps))}\n`);
}

async function liveAll(): Promise<void> {
  const began = performance.now();
  const result = newTally(seed, steps);
  const lived = (life: Life) => {
    tally(result, life);
    if (life.wrong.length > 0) console.log(`seed ${life.seed}: ${life.wrong[0]}\n  ${replayCommand(life.seed, steps)}`);
    if (result.schedules % TOLD_EVERY === 0)
      console.log(`${result.schedules} of ${schedules}, ${result.failing.length} wrong`);
  };
  await Promise.all(Array.from({ length: workers }, (_, share) => worker(share, lived)));
  const summary = { ...result, wallSeconds: Math.round((performance.now() - began) / 1000) };
  console.log(JSON.stringify({ ...summary, failing: result.failing.length }, undefined, 2));
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(summary, undefined, 2));
  process.exitCode = result.failing.length > 0 || result.schedules < schedules ? 1 : 0;
}

function worker(share: number, lived: (life: Life) => void): Promise<void> {
  const options = [`--schedules=${schedules}`, `--steps=${steps}`, `--seed=${seed}`, `--workers=${workers}`];
  const self = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, ['--import', 'tsx', self, `--share=${share}`, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => lived(JSON.parse(line) as Life));
  return new Promise((resolve) => {
    child.on('close', () => resolve());
  });
}
