// `npm test`: every check there is, in the order in which a mistake is cheapest to find. All of them run even if one fails
// (those that need the build stop with it); the last line says how it went.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'kith-test-'));
const unitReport = join(reports, 'unit.json');
const endToEndReport = (project: string) => join(reports, `${project}.json`);

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
}

const steps: readonly Step[] = [
  { title: 'a Chromium for the tests', command: ['npm', 'run', '--silent', 'chromium'] },
  { title: 'format and lint', command: ['npm', 'run', '--silent', 'lint'] },
  { title: 'nothing unused', command: ['npm', 'run', '--silent', 'knip'] },
  { title: 'types', command: ['npm', 'run', '--silent', 'types'] },
  { title: 'build', command: ['npm', 'run', '--silent', 'build'] },
  { title: 'size of the first screen', command: ['npm', 'run', '--silent', 'size'], needsBuild: true },
  {
    title: 'unit and browser tests',
    command: ['npx', 'vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${unitReport}`],
    live: true,
    count: countVitest,
  },
  endToEnd('end-to-end tests, three at a time', 'pairs'),
  endToEnd('end-to-end tests that want the machine', 'crowds'),
];

/** The tests of one project of playwright.config.ts. */
function endToEnd(title: string, project: string): Step {
  return {
    title,
    command: ['npx', 'playwright', 'test', `--project=${project}`, '--reporter=list,json'],
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: endToEndReport(project) },
    live: true,
    needsBuild: true,
    count: () => countPlaywright(endToEndReport(project)),
  };
}

// Coloured dots in a log are not readable.
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' };
const environment = { ...process.env, ...plain, KITH_BUILT: '1' };

async function main(): Promise<boolean> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const broken: string[] = [];
  for (const step of steps) {
    const blocked = step.needsBuild && broken.includes('build');
    const ok = !blocked && (await run(step));
    if (!ok) broken.push(step.title);
    const counts = step.count?.();
    const failures = ok ? 0 : Math.max(1, counts?.failed ?? 0);
    total.passed += counts ? counts.passed : ok ? 1 : 0;
    total.failed += failures;
    total.skipped += counts?.skipped ?? 0;
  }
  rmSync(reports, { recursive: true, force: true });
  if (broken.length > 0) console.log(`\nFailed: ${broken.join('; ')}`);
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

function countVitest(): Counts {
  const report = read(unitReport);
  return {
    passed: number(report, 'numPassedTests'),
    failed: number(report, 'numFailedTests'),
    skipped: skippedOf(report),
  };
}

function skippedOf(report: Readonly<Record<string, unknown>>): number {
  return number(report, 'numPendingTests') + number(report, 'numTodoTests');
}

function countPlaywright(report: string): Counts {
  const stats = (read(report).stats ?? {}) as Readonly<Record<string, unknown>>;
  return { passed: number(stats, 'expected'), failed: number(stats, 'unexpected'), skipped: number(stats, 'skipped') };
}

function read(file: string): Readonly<Record<string, unknown>> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
}

function number(record: Readonly<Record<string, unknown>>, key: string): number {
  const value = record[key];
  return typeof value === 'number' ? value : 0;
}

process.exitCode = (await main()) ? 0 : 1;
