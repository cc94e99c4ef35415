// A page dies after a file is whole and before its message has heard of it. Stopping the file comes too late: its writer was told that it is there.
import { afterAll, expect, it } from 'vitest';
import { useInstantCrypto } from '../model/instant-crypto.ts';
import { InstantFile } from '../model/instant-file.ts';
import { begin } from '../model/live.ts';
import { Witness } from '../model/witness.ts';
import { nodeOf } from '../model/world.ts';

const ID = '0123456789abcdef0123456789abcdef';

afterAll(useInstantCrypto());

it('a file that is said to be delivered is not stopped any more', async () => {
  const world = await begin(2, 1);
  const [ana, ben] = [world.device('Ana'), world.device('Ben')];
  const witness = new Witness(world);
  expect(await world.until(() => witness.saysOnline(ana, ben) && witness.saysOnline(ben, ana))).toBe(true);
  const watch = ana.disk.watch;
  ana.disk.watch = (writes, survives) => {
    watch(writes, survives);
    if (witness.everStored.has(`Ana ${ID}`)) ana.disk.setFull(true);
  };
  witness.typed.set('a.bin', 'Ben Ana');
  const outgoing = { file: new InstantFile(new Uint8Array(300_000), 'a.bin'), thumbnail: null, messageId: ID };
  await world.outcome(nodeOf(ben).sendFiles(world.idOf(ben, ana), [outgoing]));
  expect(await world.until(() => witness.written.get(ben)?.get(ID)?.state === 'delivered')).toBe(true);
  expect(witness.stored.get(ana)?.get(ID)?.fileState).toBe('waiting');

  ana.down('kill');
  ana.disk.watch = watch;
  ana.disk.setFull(false);
  ana.openTab();
  expect(await world.until(() => ana.leader !== undefined)).toBe(true);
  await world.outcome(nodeOf(ana).cancelTransfer(world.idOf(ana, ben), ID));
  expect(witness.stored.get(ana)?.get(ID)?.fileState).toBe('complete');
  expect((await world.outcome(nodeOf(ana).openAttachment(world.idOf(ana, ben), ID)))?.ok).toBe(true);
  expect(witness.wrong).toEqual([]);
});
