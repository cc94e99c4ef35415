// `npm run fuzz`: what the suite does with a hundredth of it: mutated frames (of sessions, of the overlay and of groups, so many of
// each), mutated handshakes (sessions and first contact together), inputs for each parser, and faults at the mailbox. Prints what
// became of them and the peak of memory; ends with an error if one was accepted, was not caught, or if memory grew.
//   npm run fuzz -- --frames 5000000 --handshakes 200000 --parsers 1000000 --mailbox 20000
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    handshakes: { type: 'string', default: '100000' },
    parsers: { type: 'string', default: '100000' },
    mailbox: { type: 'string', default: '5000' },
  },
});

const budget = {
  KITH_FUZZ_FRAMES: values.frames,
  KITH_FUZZ_HANDSHAKES: values.handshakes,
  KITH_FUZZ_PARSERS: values.parsers,
  KITH_FUZZ_MAILBOX: values.mailbox,
};
const tests = [
  'tests/property/frames',
  'tests/property/handshakes',
  'tests/property/group-mutations',
  'tests/property/schemas',
  'tests/property/parsers',
  'tests/unit/overlay/fuzz',
  'tests/scenario/mailbox-faults',
];
// A budget has no deadline: the tests end when it is used up.
const vitest = ['vitest', 'run', '--project', 'node', '--testTimeout', '0', ...tests];
spawn('npx', vitest, { stdio: 'inherit', env: { ...process.env, ...budget } }).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
