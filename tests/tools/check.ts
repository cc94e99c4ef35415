// `npm test`: every check there is, in the order in which a mistake is cheapest to find; what needs one core runs beside its like. All of
// them run even if one fails (those that need the build stop with it); the last line says how it went.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'kith-test-'));

interface Step {
  readonly title: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Shows what it prints while it runs; the others are silent unless they fail. */
  readonly live?: boolean;
  readonly needsBuild?: boolean;
  /** Counts of single tests, when the step runs tests. */
  readonly count?: () => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, by its whole name: said again at the end, where a log that was cut still has it. */
  readonly names: readonly string[];
}

/** One after the other; the steps of each run side by side, two at a time. */
const stages: readonly (readonly Step[])[] = [
  [{ title: 'a Chromium for the tests', command: ['npm', 'run', '--silent', 'chromium'] }],
  [
    unit('tests in a browser', 'browser'),
    { title: 'format and lint', command: ['npm', 'run', '--silent', 'lint'] },
    { title: 'build', command: ['npm', 'run', '--silent', 'build'] },
    { title: 'nothing unused', command: ['npm', 'run', '--silent', 'knip'] },
    { title: 'types', command: ['npm', 'run', '--silent', 'types'] },
  ],
  [{ title: 'size of the first screen', command: ['npm', 'run', '--silent', 'size'], needsBuild: true }],
  [{ ...unit('tests in Node', 'node'), live: true }],
  [endToEnd('end-to-end tests, three at a time', 'pairs')],
  [endToEnd('end-to-end tests that want the machine', 'crowds')],
];
const AT_ONCE = 2;

/** The tests of these projects of vitest.config.ts. */
function unit(title: string, ...projects: string[]): Step {
  const report = join(reports, `${projects[0]}.json`);
  const named = projects.map((name) => `--project=${name}`);
  return {
    title,
    command: ['npx', 'vitest', 'run', ...named, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
    count: () => countVitest(report),
  };
}

/** The tests of these projects of playwright.config.ts, in this order. */
function endToEnd(title: string, ...projects: string[]): Step {
  const report = join(reports, `${projects[0]}.json`);
  return {
    title,
    command: ['npx', 'playwright', 'test', ...projects.map((name) => `--project=${name}`), '--reporter=list,json'],
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    live: true,
    needsBuild: true,
    count: () => countPlaywright(report),
  };
}

// Coloured dots in a log are not readable.
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' };
const environment = { ...process.env, ...plain, KITH_BUILT: '1' };

async function main(): Promise<boolean> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const broken: string[] = [];
  const names: string[] = [];
  const take = async (step: Step) => {
    const blocked = step.needsBuild && broken.includes('build');
    const ok = !blocked && (await run(step));
    if (!ok) broken.push(step.title);
    const counts = step.count?.();
    const failures = ok ? 0 : Math.max(1, counts?.failed ?? 0);
    total.passed += counts ? counts.passed : ok ? 1 : 0;
    total.failed += failures;
    total.skipped += counts?.skipped ?? 0;
    names.push(...(counts?.names ?? []));
  };
  for (const stage of stages) {
    const waiting = [...stage];
    const one = async () => {
      for (let step = waiting.shift(); step; step = waiting.shift()) await take(step);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }
  rmSync(reports, { recursive: true, force: true });
  if (broken.length > 0) console.log(`\nFailed: ${broken.join('; ')}`);
  for (const name of names) console.log(`- ${name}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`\n${broken.length === 0 ? 'PASS' : 'FAIL'}: ${total.passed} passed, ${total.failed} failed${skipped}`);
  return broken.length === 0;
}

/** True when the command ended well. */
async function run({ title, command, live, environment: own }: Step): Promise<boolean> {
  const started = performance.now();
  if (live) console.log(`\n${title}`);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...environment, ...own },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${title} (${seconds} s)`);
  if (code !== 0 && !live) console.log(output);
  return code === 0;
}

function countVitest(file: string): Counts {
  const report = read(file);
  return {
    passed: number(report, 'numPassedTests'),
    failed: number(report, 'numFailedTests'),
    skipped: skippedOf(report),
    names: list(report, 'testResults')
      .flatMap((file) => list(file, 'assertionResults'))
      .filter((one) => one.status === 'failed')
      .map((one) => String(one.fullName)),
  };
}

function skippedOf(report: Fields): number {
  return number(report, 'numPendingTests') + number(report, 'numTodoTests');
}

function countPlaywright(report: string): Counts {
  const whole = read(report);
  const stats = (whole.stats ?? {}) as Fields;
  return {
    passed: number(stats, 'expected'),
    failed: number(stats, 'unexpected'),
    skipped: number(stats, 'skipped'),
    names: list(whole, 'suites').flatMap(failedIn),
  };
}

/** A suite of Playwright's: tests, and suites within it. */
function failedIn(suite: Fields): readonly string[] {
  const own = list(suite, 'specs').filter(({ ok }) => ok === false);
  return [...own.map(({ file, title }) => `${file}: ${title}`), ...list(suite, 'suites').flatMap(failedIn)];
}

type Fields = Readonly<Record<string, unknown>>;

function read(file: string): Fields {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Fields) : {};
}

function list(record: Fields, key: string): readonly Fields[] {
  const value = record[key];
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function number(record: Fields, key: string): number {
  const value = record[key];
  return typeof value === 'number' ? value : 0;
}

process.exitCode = (await main()) ? 0 : 1;
