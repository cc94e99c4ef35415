// `npm run soak`: what the suite does in short, at length: 100 kills, 50 reloads, black holes of up to a minute and a lossy road
// (tests/e2e/soak.spec.ts), and 200 junk connections with 10,000 junk handshakes (tests/e2e/junk.spec.ts). Some 30 minutes.
//   npm run soak -- --seed 7
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '20261126' } } });
const environment = { KITH_SOAK: 'long', KITH_SOAK_SEED: values.seed };
const tests = ['tests/e2e/soak.spec.ts', 'tests/e2e/junk.spec.ts'];
const playwright = ['playwright', 'test', '--project=pairs', '--workers=1', ...tests];
spawn('npx', playwright, { stdio: 'inherit', env: { ...process.env, ...environment } }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
