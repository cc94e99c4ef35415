// `npm run fuzz`: the mutation tests of frames and handshakes, and faults at the mailbox, with ten times the budget of `npm test`, or the one given:
//   npm run fuzz -- --frames 5000000 --handshakes 200000 --mailbox 20000
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    handshakes: { type: 'string', default: '100000' },
    mailbox: { type: 'string', default: '5000' },
  },
});

const budget = {
  KITH_FUZZ_FRAMES: values.frames,
  KITH_FUZZ_HANDSHAKES: values.handshakes,
  KITH_FUZZ_MAILBOX: values.mailbox,
};
// A budget has no deadline: the tests end when it is used up.
const vitest = [
  'vitest',
  'run',
  '--project',
  'node',
  '--testTimeout',
  '0',
  'tests/property',
  'tests/scenario/mailbox-faults',
];
spawn('npx', vitest, { stdio: 'inherit', env: { ...process.env, ...budget } }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
