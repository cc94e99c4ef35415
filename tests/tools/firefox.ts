// Firefox, where it is installed: the other engine that people use. It is driven over WebDriver BiDi.
import { accessSync, constants } from 'node:fs';
import { type Browser, launch } from 'puppeteer-core';

const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];

/** FIREFOX_PATH, or where systems put it; undefined when there is none. */
export function findFirefox(): string | undefined {
  return [process.env.FIREFOX_PATH, ...places].find((path) => {
    try {
      accessSync(path ?? '', constants.X_OK);
      return path !== undefined && path !== '';
    } catch {
      return false;
    }
  });
}

/** A browser with a fresh profile. `executablePath`: from `findFirefox`. */
export const launchFirefox = (executablePath: string): Promise<Browser> =>
  launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    // As on a machine whose only network is itself: addresses that Firefox otherwise leaves out.
    extraPrefsFirefox: { 'media.peerconnection.ice.loopback': true },
  });
