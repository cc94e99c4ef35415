// `npm run mutation -- session`: mutates one room of core/ with Stryker and says which mutants no test notices. Incremental: what did not
// change since the last run is not run again. What follows the room is Stryker's: `--mutate src/core/session/noise/*.ts` runs a part of it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { filesOf, type Room, rooms } from './mutation-rooms.ts';

const [room = '', ...rest] = process.argv.slice(2);
if (!(room in rooms)) {
  console.error(`Which room? One of: ${Object.keys(rooms).join(', ')}`);
  process.exitCode = 1;
} else {
  const environment = { ...process.env, KITH_ROOM: room, KITH_MUTATE: filesOf(room as Room).join() };
  const stryker = fileURLToPath(new URL('../../node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url));
  spawn(process.execPath, [stryker, 'run', ...rest], { stdio: 'inherit', env: environment }).on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
