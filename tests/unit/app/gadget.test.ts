// Making a gadget a mailbox, as its screen sees it.
import { describe, expect, it } from 'vitest';
import { gadgetWords } from '../../../src/app/i18n/gadget.ts';
import { GadgetMaking } from '../../../src/app/meet/gadget.ts';
import { gadgetProblems } from '../../../src/core/ports/workshop.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { settled } from './harness.ts';

async function opened() {
  const platform = new FakePlatform();
  const making = new GadgetMaking(platform);
  await making.open();
  return { making, bench: platform.waves.bench, platform };
}

describe('making a mailbox', () => {
  it('shows the list, how far it is, and what came of it', async () => {
    const { making, bench } = await opened();
    expect(making.state.value).toEqual({ at: 'idle' });
    const start = making.start('make');
    expect(making.state.value).toEqual({ at: 'choosing' });
    bench.work?.chosen();
    expect(making.state.value).toEqual({ at: 'working', progress: { step: 'connecting', share: 0 } });
    bench.work?.progress({ step: 'sending', share: 0.5 });
    expect(making.state.value).toEqual({ at: 'working', progress: { step: 'sending', share: 0.5 } });
    const outcome = { ok: true, keeps: 'always', tried: true } as const;
    bench.end(outcome);
    await start;
    expect([making.state.value, making.task.value]).toEqual([{ at: 'over', outcome }, 'make']);
  });

  it('begins once however often it is clicked', async () => {
    const { making, bench } = await opened();
    void making.start('make');
    void making.start('make');
    void making.start('unmake');
    expect(bench.asked).toEqual(['make']);
  });

  it('is given up when the person stops it, and can be tried again', async () => {
    const { making, bench } = await opened();
    const start = making.start('make');
    bench.work?.chosen();
    making.cancel();
    await start;
    expect(making.state.value).toEqual({ at: 'over', outcome: { ok: false, problem: 'cancelled' } });
    void making.start('unmake');
    expect([making.state.value, making.task.value, bench.asked]).toEqual([
      { at: 'choosing' },
      'unmake',
      ['make', 'unmake'],
    ]);
  });

  it('is given up when the screen is left, and says nothing when it is opened again', async () => {
    const { making, bench } = await opened();
    const start = making.start('make');
    making.close();
    await start;
    expect(bench.work?.signal.aborted).toBe(true);
    await making.open();
    expect(making.state.value).toEqual({ at: 'idle' });
  });

  it('says so when its own code does not come, and tries again', async () => {
    const platform = new FakePlatform();
    const radio = platform.radio;
    platform.radio = () => Promise.reject(new Error('offline'));
    const making = new GadgetMaking(platform);
    await making.open();
    expect(making.state.value).toEqual({ at: 'over', outcome: { ok: false, problem: 'program' } });
    platform.radio = radio;
    await making.start('make');
    void making.start('make');
    await settled();
    expect(making.state.value).toEqual({ at: 'choosing' });
  });
});

it('every problem, step and way of keeping has a sentence', () => {
  const { problems, doing, keeps } = gadgetWords('en');
  expect(Object.keys(problems)).toEqual([...gadgetProblems]);
  for (const words of [...Object.values(problems), ...Object.values(doing), ...Object.values(keeps)])
    expect(words).toMatch(/[.…]$|espruino\.com\/Firmware\+Update$/);
});
