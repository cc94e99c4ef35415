// Finds a Chromium for the tests, or installs one. Run it (`npm run chromium`) to do so once and see the path.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, 'node_modules/.cache/kith-chromium');

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const otherPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

export interface Finder {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the path is a file that may be run. */
  runnable(path: string): boolean;
  /** Where Playwright would keep its own browser. */
  playwrightPath(): string;
  /** Runs a command, true when it ended well. */
  run(command: string, args: readonly string[]): boolean;
  readonly isRoot: boolean;
}

/** The path of a Chromium that is here already, or undefined. Looks in the order that README names. */
export function findInstalled(finder: Finder): string | undefined {
  const wanted = finder.environment.CHROMIUM_PATH;
  if (wanted) {
    if (!finder.runnable(wanted)) throw new Error(`CHROMIUM_PATH names no program that can be run: ${wanted}`);
    return wanted;
  }
  const folders = (finder.environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [finder.playwrightPath(), ...onPath, ...otherPlaces].find((path) => finder.runnable(path));
}

/** Finds a Chromium or installs one: Playwright's, else (as root, with apt) the distribution's. @throws when neither works */
export function findOrInstall(finder: Finder): string {
  const here = findInstalled(finder);
  if (here) return here;
  finder.run('npx', ['playwright', 'install', 'chromium']);
  const afterPlaywright = findInstalled(finder);
  if (afterPlaywright) return afterPlaywright;
  if (finder.isRoot && finder.run('apt-get', ['update'])) {
    finder.run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
    const afterApt = findInstalled(finder);
    if (afterApt) return afterApt;
  }
  throw new Error(
    'No Chromium was found and none could be installed. Install Chrome or Chromium, or set CHROMIUM_PATH to its program.',
  );
}

/** What Playwright 1.65 turns off. Chromium takes the last list alone, so ours has to begin with all of it. */
const offForPlaywright = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
];

/**
 * Parts of the browser around the page that nobody sees: two pages of the address bar's in every window, which cost a fifth of the
 * processor time from the start of a browser to somebody who has joined, and a process for sound.
 */
const offForSpeed = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'AudioServiceOutOfProcess'];

/** What the tests start Chromium with: quiet without a network, and without its sandbox where root makes that impossible. */
export function launchArguments(): string[] {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    `--disable-features=${[...offForPlaywright, ...offForSpeed].join(',')}`,
  ];
  return process.getuid?.() === 0 ? ['--no-sandbox', ...quiet] : quiet;
}

const machine: Finder = {
  environment: process.env,
  runnable(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  playwrightPath: () => chromium.executablePath(),
  run(command, args) {
    try {
      execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: root });
      return true;
    } catch {
      return false;
    }
  },
  isRoot: process.getuid?.() === 0,
};

/** The Chromium of this machine; remembered until it disappears or CHROMIUM_PATH says otherwise. */
export function findChromium(finder: Finder = machine): string {
  const remembered = existsSync(cache) ? readFileSync(cache, 'utf8') : '';
  if (!finder.environment.CHROMIUM_PATH && remembered !== '' && finder.runnable(remembered)) return remembered;
  const found = findOrInstall(finder);
  mkdirSync(dirname(cache), { recursive: true });
  writeFileSync(cache, found);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(findChromium());
