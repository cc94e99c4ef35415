// The disk of whoever sends a file is full when the other side stops it: that is noted once there is room, and the message does not wait for ever for a file that has ended.
import { afterAll, expect, it } from 'vitest';
import { decodeRecord } from '../../src/core/transfer/records.ts';
import { useInstantCrypto } from '../model/instant-crypto.ts';
import { InstantFile } from '../model/instant-file.ts';
import { begin } from '../model/live.ts';
import { Witness } from '../model/witness.ts';
import { nodeOf } from '../model/world.ts';

const SECOND = 1000;
const ID = '0123456789abcdef0123456789abcdef';

afterAll(useInstantCrypto());

/** Ben is sending Ana a file that is not there yet. */
async function sending() {
  const world = await begin(2, 1);
  const [ana, ben] = [world.device('Ana'), world.device('Ben')];
  const witness = new Witness(world);
  expect(await world.until(() => witness.saysOnline(ana, ben) && witness.saysOnline(ben, ana))).toBe(true);
  world.air.between('Ana', 'Ben').delayMs = 2 * SECOND;
  witness.typed.set('a.bin', 'Ben Ana');
  const file = new InstantFile(new Uint8Array(300_000), 'a.bin');
  const outgoing = { file, thumbnail: null, asFile: true, messageId: ID };
  expect((await world.outcome(nodeOf(ben).sendFiles(world.idOf(ben, ana), [outgoing])))?.ok).toBe(true);
  expect(await world.until(() => witness.stored.get(ana)?.get(ID)?.fileState === 'waiting')).toBe(true);
  const stop = () => {
    witness.excuses.of(ID).stoppedByReader = true;
    return world.outcome(nodeOf(ana).cancelTransfer(world.idOf(ana, ben), ID));
  };
  return { world, ben, witness, stop, message: () => witness.written.get(ben)?.get(ID) };
}

it('a file stopped by its reader is dropped at a writer whose disk was full', async () => {
  const { world, ben, witness, stop, message } = await sending();
  ben.disk.setFull(true);
  await stop();
  await world.pass(10 * SECOND);
  expect(message()?.state).toBe('sent');

  ben.disk.setFull(false);
  await world.pass(20 * SECOND);
  expect(message()).toMatchObject({ state: 'dropped', reason: 'declined' });
  expect(witness.wrong).toEqual([]);
});

it('a page that died between the file and its message, and comes back while the disk is full, opens', async () => {
  const { world, ben, witness, stop, message } = await sending();
  const fileFailed = () => decodeRecord(ben.disk.durable.get('files')?.get(ID) as Uint8Array).state === 'failed';
  await stop();
  const watch = ben.disk.watch;
  ben.disk.watch = (writes, survives) => {
    watch(writes, survives);
    if (!ben.isUp || !fileFailed()) return;
    ben.down('kill');
    witness.reread(ben, false);
  };
  expect(await world.until(() => !ben.isUp)).toBe(true);
  expect(message()?.state).toBe('sent');

  ben.disk.setFull(true);
  ben.openTab();
  await world.pass(10 * SECOND);
  expect(ben.leader).toBeDefined();
  ben.disk.setFull(false);
  await world.pass(60 * SECOND);
  expect(message()).toMatchObject({ state: 'dropped', reason: 'declined' });
  expect(witness.wrong).toEqual([]);
});
