// What Stryker runs for every mutant: the tests of one room, in Node, one file after the other.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { aliases, constants, jsx } from '../../vite.config.ts';
import { keptThread } from './kept-thread.ts';
import { type Room, rooms } from './mutation-rooms.ts';

const room = (process.env.KITH_ROOM ?? 'crypto') as Room;

/** Vitest would begin with the longest file. The first failure ends a run here, so the rooms' own order is the quicker one. */
class AsListed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      rooms[room].findIndex((beginning) => moduleId.includes(beginning));
    return [...files].sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  root: new URL('../../', import.meta.url).pathname,
  resolve: { alias: aliases },
  oxc: jsx,
  define: constants,
  // No test of these rooms leaves anything in a module: they are loaded once for all mutants, which is most of what they would cost.
  plugins: [keptThread],
  test: {
    environment: 'node',
    include: rooms[room].map((place) => (place.endsWith('.ts') ? place : `${place}{,/**/*,*}.test.ts`)),
    exclude: ['**/*.browser.test.*', '**/node_modules/**'],
    isolate: false,
    // Stryker's own file begins anew with every file of tests, though its sandbox lies where Vitest thinks that nothing changes.
    server: { deps: { inline: [/stryker-setup/] } },
    sequence: { sequencer: AsListed },
    // A mutant that waits for ever is killed after this: long beside what any of these tests takes, also on a busy machine.
    testTimeout: room === 'chat' ? 10_000 : 30_000,
    // Pairs over memory need one turn.
    env: { KITH_MAX_TURNS: '200000', KITH_MAX_PAIR_TURNS: '100' },
  },
});
