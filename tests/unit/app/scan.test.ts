// Scanning codes: the camera and its end, what was read, and pictures.
import { beforeEach, describe, expect, it } from 'vitest';
import { Scan } from '../../../src/app/meet/scan.ts';
import type { PairError } from '../../../src/app/pairing.ts';
import { KithError } from '../../../src/core/errors.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { settled } from './harness.ts';

let platform: FakePlatform;
let scan: Scan;
let taken: string[];
let begun: number;
/** What is said of a code; null: that was it. */
let verdict: (text: string) => PairError | null;

const no = (kind: PairError['kind']): PairError => ({ kind, detail: {} });

beforeEach(() => {
  platform = new FakePlatform();
  platform.eyes.camera = true;
  [taken, begun, verdict] = [[], 0, () => null];
  scan = new Scan(platform, {
    begun: () => {
      begun += 1;
    },
    take: async (text) => {
      taken.push(text);
      return verdict(text);
    },
  });
});

/** The camera is on and shown. */
async function start() {
  await scan.start();
  scan.shown({});
  return platform.eyes.last;
}

describe('the camera', () => {
  it('goes off with the first code that is taken', async () => {
    const camera = await start();
    expect([scan.state.value, camera.open]).toEqual(['looking', true]);
    camera.see('KITH1');
    await settled();
    expect([taken, scan.state.value, scan.camera.value, camera.open]).toEqual([['KITH1'], 'off', null, false]);
  });

  it('goes on looking after a code that is not wanted, says why once, and takes the next', async () => {
    verdict = (text) => (text === 'menu' ? no('code-foreign') : null);
    const camera = await start();
    for (let look = 0; look < 3; look += 1) camera.see('menu');
    await settled();
    expect([taken, scan.error.value?.kind, camera.open]).toEqual([['menu'], 'code-foreign', true]);
    camera.see('KITH1');
    await settled();
    expect([taken, scan.error.value, camera.open]).toEqual([['menu', 'KITH1'], null, false]);
  });

  it.each(['camera-refused', 'camera-none', 'camera-busy', 'camera-insecure'] as const)(
    'that does not open says why (%s), and the next attempt clears that',
    async (kind) => {
      platform.eyes.refusal = kind;
      await scan.start();
      expect([scan.state.value, scan.error.value?.kind]).toEqual(['off', kind]);
      platform.eyes.refusal = null;
      const again = scan.start();
      expect(scan.error.value).toBeNull();
      await again;
      expect([scan.state.value, begun]).toEqual(['looking', 2]);
    },
  );

  it('that opens after it was called off is closed at once', async () => {
    let allow = (): void => undefined;
    platform.eyes.asking = new Promise((resolve) => {
      allow = resolve;
    });
    const opening = scan.start();
    await settled();
    expect(scan.state.value).toBe('opening');
    scan.stop();
    allow();
    await opening;
    expect([scan.state.value, scan.camera.value, platform.eyes.last.open]).toEqual(['off', null, false]);
  });

  it('that was refused after it was called off says nothing', async () => {
    let allow = (): void => undefined;
    platform.eyes.asking = new Promise((resolve) => {
      allow = resolve;
    });
    platform.eyes.refusal = 'camera-refused';
    const opening = scan.start();
    await settled();
    scan.stop();
    allow();
    await opening;
    expect([scan.state.value, scan.error.value]).toEqual(['off', null]);
  });

  it('that ends by itself, because the page is hidden or it was unplugged, is off', async () => {
    const camera = await start();
    camera.end();
    expect([scan.state.value, scan.camera.value]).toEqual(['off', null]);
  });

  it('sees nothing any more once it is stopped, not even what was being looked at', async () => {
    const camera = await start();
    scan.stop();
    camera.see('KITH1');
    await settled();
    expect(taken).toEqual([]);
  });

  it('lights up where it can, and is dark when it starts again', async () => {
    const camera = await start();
    await scan.light(true);
    expect([scan.lit.value, camera.lit]).toEqual([true, true]);
    await start();
    expect(scan.lit.value).toBe(false);
    platform.eyes.torch = false;
    await start();
    await scan.light(true);
    expect(scan.lit.value).toBe(false);
  });
});

describe('a picture', () => {
  it('is read without the camera, which goes off', async () => {
    const camera = await start();
    platform.eyes.picture = 'KITH1';
    await scan.picture(new Blob());
    expect([taken, scan.state.value, camera.open]).toEqual([['KITH1'], 'off', false]);
  });

  it('without a code, or that is none, says so', async () => {
    await scan.picture(new Blob());
    expect(scan.error.value?.kind).toBe('picture-no-code');
    platform.eyes.picture = new KithError('picture-unreadable');
    await scan.picture(new Blob());
    expect(scan.error.value?.kind).toBe('picture-unreadable');
    expect([taken, scan.state.value]).toEqual([[], 'off']);
  });

  it('that would take all the memory is not decoded', async () => {
    platform.imageSizes = null;
    platform.eyes.picture = 'KITH1';
    await scan.picture(new Blob());
    expect([scan.error.value?.kind, taken]).toEqual(['picture-unreadable', []]);
  });
});
