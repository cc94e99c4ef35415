// `npm run soak`: what the suite does in short, at length: 100 kills, 50 reloads, black holes of up to a minute and a lossy road
// (tests/e2e/soak.spec.ts), and 200 junk connections with 10,000 junk handshakes (tests/e2e/junk.spec.ts). Some 30 minutes.
//   npm run soak -- --seed 7
//   npm run soak -- --only kills,road     of blackHoles, reloads, kills, road
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '20261126' }, only: { type: 'string' } } });
const environment = {
  KITH_SOAK: 'long',
  KITH_SOAK_SEED: values.seed,
  ...(values.only && { KITH_SOAK_ONLY: values.only }),
};
const tests = ['tests/e2e/soak.spec.ts', ...(values.only ? [] : ['tests/e2e/junk.spec.ts'])];
const playwright = ['playwright', 'test', '--project=pairs', '--workers=1', ...tests];
spawn('npx', playwright, { stdio: 'inherit', env: { ...process.env, ...environment } }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
