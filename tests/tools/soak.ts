// `npm run soak`: tests/e2e/soak.spec.ts at length: 100 kills, 50 reloads, black holes of up to a minute, a lossy road. Some 30 minutes.
//   npm run soak -- --seed 7
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '20261126' } } });
const environment = { KITH_SOAK: 'long', KITH_SOAK_SEED: values.seed };
const playwright = ['playwright', 'test', '--project=pairs', 'tests/e2e/soak.spec.ts'];
spawn('npx', playwright, { stdio: 'inherit', env: { ...process.env, ...environment } }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
