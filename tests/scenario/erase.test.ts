// Erase everything, in whole nodes: nobody writes any more when it goes, and what fails can be asked for again.
import { expect, it } from 'vitest';
import { KithError } from '../../src/core/errors.ts';
import { Village } from '../fixtures/village.ts';

it('says goodbye, lets nothing be written any more, and tells every tab when all is gone', async () => {
  const village = new Village();
  const [ana, ben] = [await village.person('Ana'), await village.person('Ben')];
  await village.introduce(ana, ben);
  const bens = await ana.idOf(ben);
  const told: string[] = [];
  ana.node.subscribe(({ type }) => told.push(type));
  let tries = 0;
  ana.destroyed = () => {
    tries += 1;
    if (tries === 1) throw new KithError('storage-unavailable');
  };
  expect(await village.outcome(ana.node.eraseEverything())).toMatchObject({ ok: false, kind: 'storage-unavailable' });
  expect(told).not.toContain('erased');
  expect((await village.outcome(ana.node.sendText(bens, 'too late'))).ok).toBe(false);
  expect(await village.outcome(ana.node.eraseEverything())).toMatchObject({ ok: true });
  expect(told).toContain('erased');
  await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'Ben sees that Ana has gone');
});
