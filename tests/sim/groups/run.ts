// `npm run sim:groups`: a group of many on links of the overlay in memory (simulation.ts), and what a message costs in groups of several
// sizes. Ends with 1, and says why, when something is lost, doubled or out of order, or costs more than it may (report.ts).
//   --members 50 --messages 10000 --churn 0.2 --seed 1   the main run
//   --sizes 10,20,30,50 --sizeMessages 1000              the runs that are compared, without joins and removals; '' for none
//   --json FILE                                          also writes the result there
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type GroupReport, growth, missed, report } from './report.ts';
import { GroupSimulation, type GroupSimulationOptions } from './simulation.ts';

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '50' },
    messages: { type: 'string', default: '10000' },
    churn: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '10,20,30,50' },
    sizeMessages: { type: 'string', default: '1000' },
    json: { type: 'string' },
  },
});

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most)) throw new Error(`--${name} must be ${least} … ${most}, not "${text}".`);
  return value;
}

const started = performance.now();
const seconds = () => Math.round((performance.now() - started) / 100) / 10;

async function one(options: GroupSimulationOptions): Promise<GroupReport> {
  const simulation = new GroupSimulation(options);
  await simulation.run((line) => process.stderr.write(`${seconds()} s: ${line}\n`));
  return report(simulation);
}

const churn = number('churn', values.churn, 0, 0.9);
const seed = number('seed', values.seed, 0, 2 ** 31);
const sizeMessages = number('sizeMessages', values.sizeMessages, 1, 1_000_000);
const sizes = values.sizes === '' ? [] : values.sizes.split(',').map((size) => number('sizes', size, 4, 50));
// Links that close are errors to somebody, by the thousand: nobody reads where.
Error.stackTraceLimit = 0;
const compared: GroupReport[] = [];
for (const members of sizes) compared.push(await one({ members, messages: sizeMessages, churn, seed, changes: false }));
const main = await one({
  members: number('members', values.members, 6, 50),
  messages: number('messages', values.messages, 10, 1_000_000),
  churn,
  seed,
  changes: true,
});
const { ratios, missed: grown } = growth(compared);
const memoryMB = Math.round(process.resourceUsage().maxRSS / 1024);
const json = JSON.stringify({ main, compared, ratios, wallSeconds: seconds(), memoryMB }, undefined, 2);
if (values.json) writeFileSync(values.json, `${json}\n`);
process.stdout.write(`${json}\n`);
for (const line of [...missed(main), ...compared.flatMap(missed), ...grown]) {
  process.stderr.write(`MISSED  ${line}\n`);
  process.exitCode = 1;
}
