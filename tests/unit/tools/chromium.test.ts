// Which Chromium the tests take, and in which order they try to get one.
import { delimiter } from 'node:path';
import { chromium } from 'playwright';
import { describe, expect, test } from 'vitest';
import { type Finder, findChromium, findInstalled, findOrInstall, launchArguments } from '../../tools/chromium.ts';

/** A machine with these programs on it; `installs` says what a command brings. */
function machine(programs: string[], options: Partial<Finder> & { installs?: Record<string, string> } = {}) {
  const commands: string[] = [];
  const finder: Finder = {
    environment: { PATH: ['/usr/local/bin', '/usr/bin'].join(delimiter) },
    runnable: (path) => programs.includes(path),
    playwrightPath: () => '/browsers/chrome',
    isRoot: false,
    run(command, args) {
      const line = [command, ...args].join(' ');
      commands.push(line);
      const brought = options.installs?.[line];
      if (brought) programs.push(brought);
      return line in (options.installs ?? {});
    },
    ...options,
  };
  return { finder, commands };
}

describe('finding a Chromium', () => {
  test('CHROMIUM_PATH comes first', () => {
    const { finder } = machine(['/mine', '/browsers/chrome', '/usr/bin/chromium'], {
      environment: { CHROMIUM_PATH: '/mine' },
    });
    expect(findInstalled(finder)).toBe('/mine');
  });

  test('a CHROMIUM_PATH that names nothing is an error, not a reason to take another', () => {
    const { finder } = machine(['/usr/bin/chromium'], { environment: { CHROMIUM_PATH: '/gone' } });
    expect(() => findInstalled(finder)).toThrow('/gone');
  });

  test("then Playwright's own, then one on the PATH", () => {
    expect(findInstalled(machine(['/browsers/chrome', '/usr/bin/chromium']).finder)).toBe('/browsers/chrome');
    expect(findInstalled(machine(['/usr/bin/google-chrome', '/usr/bin/chromium']).finder)).toBe('/usr/bin/chromium');
    expect(findInstalled(machine([]).finder)).toBeUndefined();
  });

  test('nothing is installed when there is one', () => {
    const { finder, commands } = machine(['/usr/bin/chromium']);
    expect(findOrInstall(finder)).toBe('/usr/bin/chromium');
    expect(commands).toEqual([]);
  });

  test("Playwright's is installed first", () => {
    const { finder, commands } = machine([], { installs: { 'npx playwright install chromium': '/browsers/chrome' } });
    expect(findOrInstall(finder)).toBe('/browsers/chrome');
    expect(commands).toEqual(['npx playwright install chromium']);
  });

  test("where that fails, root gets the distribution's", () => {
    const install = 'apt-get install -y --no-install-recommends chromium';
    const { finder } = machine([], {
      isRoot: true,
      installs: { 'apt-get update': '', [install]: '/usr/bin/chromium' },
    });
    expect(findOrInstall(finder)).toBe('/usr/bin/chromium');
  });

  test('where nothing helps, the error says what to do, and nobody but root is asked for apt', () => {
    const { finder, commands } = machine([]);
    expect(() => findOrInstall(finder)).toThrow(/Install Chrome or Chromium, or set CHROMIUM_PATH/);
    expect(commands).toEqual(['npx playwright install chromium']);
    expect(() => findOrInstall(machine([], { isRoot: true }).finder)).toThrow(/No Chromium was found/);
  });
});

test('what Playwright turns off in a browser stays off beside what these tests turn off', async () => {
  const server = await chromium.launchServer({ executablePath: findChromium(), args: launchArguments() });
  const lists = server
    .process()
    .spawnargs.filter((argument) => argument.startsWith('--disable-features='))
    .map((argument) => argument.slice(argument.indexOf('=') + 1).split(','));
  await server.close();
  expect(lists).toHaveLength(2);
  expect(lists[1]).toEqual(expect.arrayContaining(lists[0] ?? []));
});
