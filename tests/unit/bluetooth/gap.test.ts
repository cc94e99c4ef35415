import { expect, it } from 'vitest';
import { bluetoothGap } from '../../../src/adapters/bluetooth/gap.ts';

const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36';
const android =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/604.1';

it.each([
  ['a browser that has it', { userAgent: linux, hasBluetooth: true }, null],
  ['Chrome on Linux, where it is behind a flag', { userAgent: linux }, 'flag'],
  ['Chrome on Android, which says Linux too', { userAgent: android }, 'browser'],
  ['Firefox on Linux', { userAgent: firefox }, 'browser'],
  ['Safari', { userAgent: iphone }, 'browser'],
  ['a page over http', { userAgent: android, isSecureContext: false }, 'insecure'],
] as const)('%s', (_, browser, gap) => {
  expect(bluetoothGap({ isSecureContext: true, hasBluetooth: false, ...browser })).toBe(gap);
});
