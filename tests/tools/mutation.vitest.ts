// What Stryker runs for every mutant: the tests of one room, in Node.
import { defineConfig } from 'vitest/config';
import { aliases, constants, jsx } from '../../vite.config.ts';
import { type Room, rooms } from './mutation-rooms.ts';

const room = (process.env.KITH_ROOM ?? 'crypto') as Room;

export default defineConfig({
  root: new URL('../../', import.meta.url).pathname,
  resolve: { alias: aliases },
  oxc: jsx,
  define: constants,
  test: {
    environment: 'node',
    include: rooms[room].map((place) => `${place}{,/**/*,*}.test.ts`),
    exclude: ['**/*.browser.test.*', '**/node_modules/**'],
    testTimeout: 30_000,
  },
});
