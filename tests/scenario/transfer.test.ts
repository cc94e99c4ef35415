// Files between Ana and Ben: whole, interrupted, cancelled, hostile.
import { beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../src/core/bytes/hex.ts';
import { SEALED_UNIT_BYTES, unitsIn } from '../../src/core/transfer/layout.ts';
import type { FileOffer } from '../../src/core/wire/chat-messages.ts';
import type { TransferMessage, UnitsMessage } from '../../src/core/wire/transfer-messages.ts';
import { patterned, sha256 } from '../contract/blob-store.ts';
import { type Person, World } from './transfer-world.ts';

const contentAt = async (person: Person, fileId: Uint8Array) =>
  new Uint8Array(await (await person.transfers.openFile(fileId, '')).arrayBuffer());

const indicesOf = ({ first, sealed }: UnitsMessage) =>
  Array.from({ length: unitsIn(sealed.length) }, (_, offset) => first + offset);

const isComplete = (person: Person, fileId: Uint8Array) => person.last(fileId)?.state === 'complete';
const hasFailed = (person: Person, fileId: Uint8Array) => person.last(fileId)?.state === 'failed';

async function expectArrived(world: World, fileId: Uint8Array, content: Uint8Array<ArrayBuffer>) {
  await world.until(() => isComplete(world.ana, fileId) && isComplete(world.ben, fileId));
  expect(await sha256(await contentAt(world.ben, fileId))).toEqual(await sha256(content));
}

describe('a file arrives', () => {
  for (const size of [0, 1, 65_536, 1_000_003, 26_214_400]) {
    test(`of ${size} bytes, with the same SHA-256 on both sides and every unit sent once`, async () => {
      const world = new World(size);
      world.connect();
      const content = patterned(size);
      const offer = await world.offer(world.ana, content);
      await expectArrived(world, offer.fileId, content);
      expect(offer.sha256).toEqual(await sha256(content));
      expect(world.ana.transfers.counters.unitsSent).toBe(offer.units);
      expect(world.ben.transfers.counters.unitsReceived).toBe(offer.units);
      expect(world.ana.last(offer.fileId)).toMatchObject({ progress: 1, direction: 'out', contactId: 'ben' });
      expect(world.ben.last(offer.fileId)).toMatchObject({ progress: 1, direction: 'in', contactId: 'ana' });
    });
  }

  test('both sides see it move, never backwards', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(3_000_000));
    await world.until(() => isComplete(world.ana, fileId));
    for (const person of [world.ana, world.ben]) {
      const progress = person.events.map((event) => event.progress);
      expect(progress.length).toBeGreaterThan(5);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(person.events.map((event) => event.state)).toContain('transferring');
    }
  });

  test('offered while nobody is connected: it waits, and goes when they meet', async () => {
    const world = new World();
    const content = patterned(200_000);
    const offer = await world.prepare(world.ana, content);
    await world.ana.transfers.outgoing('ben', offer);
    expect(world.ana.last(offer.fileId)?.state).toBe('waiting');
    world.connect();
    await world.pass(1000);
    expect(world.ana.transfers.counters.unitsSent).toBe(0);
    await world.ben.transfers.offered('ana', offer);
    await expectArrived(world, offer.fileId, content);
  });

  test('several files go one after another, in the order they were offered', async () => {
    const world = new World();
    world.connect();
    const contents = [700_000, 10, 400_000].map((size, index) => patterned(size, index + 1));
    const offers = [];
    for (const content of contents) offers.push(await world.prepare(world.ana, content));
    for (const offer of offers) await world.announce(world.ana, offer);
    for (const [index, offer] of offers.entries())
      await expectArrived(world, offer.fileId, contents[index] as Uint8Array<ArrayBuffer>);
    const order = world.ana
      .sent('units')
      .flatMap(({ fileId, sealed }) => Array(unitsIn(sealed.length)).fill(toHex(fileId)));
    const expected = offers.flatMap((offer) => Array(offer.units).fill(toHex(offer.fileId)));
    expect(order).toEqual(expected);
  });

  test('in both directions at once', async () => {
    const world = new World();
    world.connect();
    const [there, back] = [patterned(900_000, 5), patterned(1_100_000, 6)];
    const one = await world.offer(world.ana, there);
    const two = await world.offer(world.ben, back);
    await expectArrived(world, one.fileId, there);
    await world.until(() => isComplete(world.ana, two.fileId));
    expect(await sha256(await contentAt(world.ana, two.fileId))).toEqual(await sha256(back));
  });
});

describe('a file survives what happens to pages and links', () => {
  for (const share of [0.1, 0.5, 0.9]) {
    for (const who of ['the sender', 'the receiver', 'both']) {
      test(`${who} reloaded at ${share * 100} %: only what was not acknowledged is sent again`, async () => {
        const world = new World(share * 10);
        world.connect();
        const content = patterned(6_000_000);
        const { fileId, units } = await world.offer(world.ana, content);
        await world.until(() => (world.ana.last(fileId)?.progress ?? 0) >= share, 1);
        const acknowledged = Math.round((world.ana.last(fileId)?.progress ?? 0) * units);
        const sentBefore = world.ana.transfers.counters.unitsSent;
        world.cut();
        if (who !== 'the receiver') await world.ana.reload();
        if (who !== 'the sender') await world.ben.reload();
        world.connect();
        await expectArrived(world, fileId, content);
        const again = world.ana.transfers.counters.unitsSent - (who === 'the receiver' ? sentBefore : 0);
        expect(again).toBeLessThanOrEqual(units - acknowledged);
        expect(again).toBeGreaterThanOrEqual(units - acknowledged - 9);
        const repeated = new Set(world.ana.sent('units').flatMap(indicesOf));
        expect(repeated.size).toBe(again);
      });
    }
  }

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`links that die again and again (seed ${seed}): the file is whole in the end`, async () => {
      const world = new World(seed);
      world.path = { latencyMs: 20, bytesPerSecond: 1_000_000 };
      world.connect();
      const content = patterned(2_000_000, seed);
      const { fileId } = await world.offer(world.ana, content);
      for (let deaths = 0; deaths < 12; deaths++) {
        await world.pass(20 + Math.floor(world.random.fraction() * 400));
        world.cut();
        const reloads = world.random.fraction();
        if (reloads < 0.3) await world.ana.reload();
        else if (reloads < 0.6) await world.ben.reload();
        await world.pass(Math.floor(world.random.fraction() * 5000));
        world.connect();
      }
      await expectArrived(world, fileId, content);
    });
  }

  test('a receiver who comes back without a file that was whole is given it once more', async () => {
    const world = new World();
    world.connect();
    const content = patterned(200_000);
    const offer = await world.offer(world.ana, content);
    await expectArrived(world, offer.fileId, content);
    await world.ben.transfers.forget(offer.fileId);
    await world.ben.transfers.offered('ana', offer);
    await expectArrived(world, offer.fileId, content);
    expect(await contentAt(world.ben, offer.fileId)).toHaveLength(200_000);
  });

  test.each(['again', 'have'] as const)(
    'a whole file that is asked for by %s while there is no room to note it arrives once more',
    async (how) => {
      const world = new World();
      world.connect();
      const content = patterned(200_000);
      const offer = await world.offer(world.ana, content);
      await expectArrived(world, offer.fileId, content);
      await world.ben.transfers.forget(offer.fileId);
      world.ana.disk.commitsUntilFull = 0;
      if (how === 'again') await world.ana.transfers.again('ben', offer.fileId);
      await world.ben.transfers.offered('ana', offer);
      await expectArrived(world, offer.fileId, content);
      expect(await contentAt(world.ben, offer.fileId)).toHaveLength(200_000);
    },
  );

  test('what could not be tried again for want of room is tried again later, for good', async () => {
    const world = new World();
    const offer = await world.prepare(world.ana, patterned(200_000));
    await world.ana.transfers.outgoing('ben', offer);
    await world.ana.transfers.cancel('ben', offer.fileId);
    world.ana.disk.commitsUntilFull = 0;
    await expect(world.ana.transfers.outgoing('ben', offer)).rejects.toMatchObject({ kind: 'disk-full' });
    world.ana.disk.commitsUntilFull = Number.POSITIVE_INFINITY;
    expect(await world.ana.transfers.outgoing('ben', offer)).toBe(true);
    await world.ana.reload();
    expect(world.ana.transfers.failed()).toEqual([]);
  });

  test('a file that nobody here knows any more ends when the other side wants it no longer', async () => {
    const world = new World();
    world.connect();
    const fileId = new Uint8Array(16).fill(9);
    await world.ana.transfers.handle('ben', { type: 'stop', fileId, reason: 'cancelled' });
    expect(world.ana.last(fileId)).toMatchObject({ state: 'failed', error: 'file-cancelled', byThem: true });
  });

  test('whoever asks again and again for a whole file is given it once in a session', async () => {
    const world = new World();
    world.connect();
    const content = patterned(200_000);
    const { fileId, units } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    const asks = { type: 'have', fileId, bitmap: new Uint8Array(1) } as const;
    const { disk, transfers } = world.ana;
    for (const times of [1, 2]) {
      const before = disk.commits;
      for (let n = 0; n < 50; n += 1) {
        await transfers.handle('ben', asks);
        await transfers.handle('ben', { type: 'done', fileId });
      }
      expect(disk.commits - before).toBeLessThan(5);
      await world.until(() => isComplete(world.ana, fileId));
      expect(transfers.counters.unitsSent).toBeLessThanOrEqual(units * (times + 1));
      world.cut();
      world.connect();
    }
  });

  test('the receiver dies after the last unit and before it said done: it finishes at the next start', async () => {
    const world = new World();
    world.connect();
    const content = patterned(300_000);
    world.ben.tamper = (message) => (message.type === 'done' ? undefined : message);
    const { fileId } = await world.offer(world.ana, content);
    await world.until(() => isComplete(world.ben, fileId));
    expect(world.ana.last(fileId)?.state).toBe('transferring');
    world.cut();
    await world.ben.reload();
    world.ben.tamper = (message) => message;
    world.connect();
    await world.until(() => isComplete(world.ana, fileId));
    expect(world.ana.sent('units')).toEqual([]);
  });

  test('the receiver dies between the last unit and its record: the file is finished without the sender', async () => {
    const world = new World();
    world.connect();
    const content = patterned(300_000);
    const offer = await world.prepare(world.ana, content);
    world.ben.disk.commitsUntilCrash = 1; // the record of the offer is written, "complete" is not
    await world.announce(world.ana, offer);
    await world.pass(2000);
    expect(world.ben.last(offer.fileId)?.state).not.toBe('complete');
    world.cut();
    await world.ben.reload();
    await world.until(() => isComplete(world.ben, offer.fileId));
    expect(await sha256(await contentAt(world.ben, offer.fileId))).toEqual(await sha256(content));
  });

  test('a unit that rotted on the disk before the end is asked for again', async () => {
    const world = new World();
    world.connect();
    const content = patterned(1_000_000);
    const { fileId, units } = await world.offer(world.ana, content);
    await world.until(() => (world.ben.last(fileId)?.progress ?? 0) > 0.5, 1);
    world.cut();
    await world.ben.reload();
    world.ben.files.rot(toHex(fileId), 10);
    world.connect();
    await expectArrived(world, fileId, content);
    expect(world.ana.transfers.counters.unitsSent).toBeGreaterThan(units);
  });

  test('a page that died while sealing leaves no file behind', async () => {
    const world = new World();
    await world.ana.blobs.seal('ff'.repeat(16), new Blob([patterned(100)]), new Uint8Array(32));
    await world.ana.reload();
    expect(await world.ana.blobs.list()).toEqual([]);
  });

  test('a disk of ours that cannot be read for a while costs no session: the file goes on in the next one', async () => {
    const world = new World();
    const content = patterned(500_000);
    const offer = await world.prepare(world.ana, content);
    await world.ana.transfers.outgoing('ben', offer);
    const open = world.ben.files.open.bind(world.ben.files);
    world.ben.files.open = () => Promise.reject(new DOMException('', 'UnknownError'));
    await world.ben.transfers.offered('ana', offer);
    world.connect();
    await world.pass(1000);
    const message = { type: 'units', fileId: offer.fileId, first: 0, sealed: new Uint8Array(16) } as const;
    await expect(world.ben.transfers.handle('ana', message)).resolves.toBeUndefined();
    expect(world.ben.last(offer.fileId)).toBeUndefined();
    world.ben.files.open = open;
    world.cut();
    world.connect();
    await expectArrived(world, offer.fileId, content);
  });

  test('an answer that never comes is asked for after 30 s without progress', async () => {
    const world = new World();
    world.connect();
    const content = patterned(500_000);
    let swallow = true;
    world.ben.tamper = (message) => (swallow && message.type === 'ack-units' ? undefined : message);
    const { fileId } = await world.offer(world.ana, content);
    await world.pass(29_000);
    expect(world.ana.last(fileId)?.progress).toBe(0);
    swallow = false;
    await expectArrived(world, fileId, content);
  });
});

describe('a file is stopped', () => {
  for (const who of ['ana', 'ben'] as const) {
    test(`by ${who === 'ana' ? 'its sender' : 'its receiver'}: both sides know, and nothing of it stays with the receiver`, async () => {
      const world = new World();
      world.connect();
      const { fileId } = await world.offer(world.ana, patterned(3_000_000));
      await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.3, 1);
      await world[who].transfers.cancel(who === 'ana' ? 'ben' : 'ana', fileId);
      await world.until(() => hasFailed(world.ana, fileId) && hasFailed(world.ben, fileId));
      expect(world.ana.last(fileId)).toMatchObject({ error: 'file-cancelled', byThem: who === 'ben' });
      expect(world.ben.last(fileId)).toMatchObject({ error: 'file-cancelled', byThem: who === 'ana' });
      await world.pass(5000);
      expect(await world.ben.blobs.list()).toEqual([]);
      await expect(world.ben.transfers.openFile(fileId, '')).rejects.toMatchObject({ kind: 'file-unreadable' });
    });

    test(`by ${who === 'ana' ? 'its sender' : 'its receiver'} while the other is away: told when they meet again`, async () => {
      const world = new World();
      world.connect();
      const { fileId } = await world.offer(world.ana, patterned(3_000_000));
      await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.3, 1);
      world.cut();
      await world[who].transfers.cancel(who === 'ana' ? 'ben' : 'ana', fileId);
      await world.ana.reload();
      await world.ben.reload();
      world.connect();
      const other = who === 'ana' ? world.ben : world.ana;
      await world.until(() => hasFailed(other, fileId));
      expect(other.last(fileId)).toMatchObject({ error: 'file-cancelled', byThem: true });
    });
  }

  test('the next file goes on when the first is cancelled', async () => {
    const world = new World();
    world.connect();
    const first = await world.offer(world.ana, patterned(3_000_000));
    const content = patterned(300_000, 9);
    const second = await world.offer(world.ana, content);
    await world.until(() => (world.ana.last(first.fileId)?.progress ?? 0) > 0.1, 1);
    await world.ana.transfers.cancel('ben', first.fileId);
    await expectArrived(world, second.fileId, content);
  });

  test('a cancelled file may be sent again under its id', async () => {
    const world = new World();
    world.connect();
    const content = patterned(1_000_000);
    const offer = await world.offer(world.ana, content);
    await world.until(() => (world.ana.last(offer.fileId)?.progress ?? 0) > 0.3, 1);
    await world.ben.transfers.cancel('ana', offer.fileId);
    await world.until(() => hasFailed(world.ana, offer.fileId));
    await world.announce(world.ana, offer);
    await expectArrived(world, offer.fileId, content);
  });

  describe('and tried again by its sender, of which the receiver knows only the stop', () => {
    const content = patterned(1_000_000);
    let world: World;
    let offer: FileOffer;
    const again = async () => {
      await world.ana.transfers.cancel('ben', offer.fileId);
      await world.ana.transfers.outgoing('ben', offer);
    };
    /** Both begin anew; Ana's offer was lost with the link. */
    const meetAgain = async () => {
      await world.until(() => hasFailed(world.ben, offer.fileId), 1);
      await world.pass(1000);
      world.cut();
      await world.ben.reload();
      world.connect();
      await world.pass(3000);
    };

    beforeEach(async () => {
      world = new World();
      world.path = { latencyMs: 500, bytesPerSecond: 20_000_000 };
      world.connect();
      offer = await world.offer(world.ana, content);
      await world.until(() => (world.ana.last(offer.fileId)?.progress ?? 0) > 0.1, 1);
    });

    test('it is not ended by them, though what they said before they heard of it seemed to ask for it', async () => {
      world.cut();
      world.connect();
      await again();
      await meetAgain();
      expect(world.ana.sent('have')).toHaveLength(1);
      expect(hasFailed(world.ana, offer.fileId)).toBe(false);
      await world.ben.transfers.offered('ana', offer);
      await expectArrived(world, offer.fileId, content);
    });

    test('what they acknowledged of the first try counts for nothing', async () => {
      await again();
      await meetAgain();
      expect(world.ana.last(offer.fileId)).toMatchObject({ state: 'waiting', progress: 0 });
      expect(world.ana.sent('have')).toEqual([]);
      await world.ben.transfers.offered('ana', offer);
      await expectArrived(world, offer.fileId, content);
    });
  });

  test('a file removed by its sender is cancelled at the receiver, and unknown afterwards', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(3_000_000));
    await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.3, 1);
    await world.ana.transfers.forget(fileId);
    await world.until(() => hasFailed(world.ben, fileId));
    expect(await world.ana.blobs.list()).toEqual([]);
    await expect(world.ana.transfers.openFile(fileId, '')).rejects.toMatchObject({ kind: 'file-unreadable' });
  });

  test('removed by its sender while the receiver was away: the receiver learns it', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(3_000_000));
    await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.3, 1);
    world.cut();
    await world.ana.transfers.forget(fileId);
    world.connect();
    await world.until(() => hasFailed(world.ben, fileId));
    expect(world.ben.last(fileId)).toMatchObject({ error: 'file-cancelled', byThem: true });
  });

  test('is whole for the contact whose it is, and the way it went', async () => {
    const world = new World();
    world.connect();
    const content = patterned(1000);
    const { fileId } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    const { ana, ben } = world;
    expect([ben.transfers.isComplete('ana', fileId, 'in'), ana.transfers.isComplete('ben', fileId, 'out')]).toEqual([
      true,
      true,
    ]);
    expect([ben.transfers.isComplete('ana', fileId, 'out'), ben.transfers.isComplete('cleo', fileId, 'in')]).toEqual([
      false,
      false,
    ]);
  });

  test('cancelling what is complete changes nothing', async () => {
    const world = new World();
    world.connect();
    const content = patterned(1000);
    const { fileId } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    await world.ana.transfers.cancel('ben', fileId);
    await world.ben.transfers.cancel('ana', fileId);
    await world.pass(1000);
    expect(isComplete(world.ana, fileId) && isComplete(world.ben, fileId)).toBe(true);
  });
});

describe('a file that is prepared and not offered', () => {
  test('nobody is told of it: not at a session, not when it is forgotten', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.prepare(world.ana, patterned(200_000));
    world.cut();
    world.connect();
    await world.pass(60_000);
    await world.ana.transfers.forget(fileId);
    await world.pass(1000);
    expect(world.ana.channel?.sent).toEqual([]);
    expect(world.ana.events).toEqual([]);
    expect(await world.ana.blobs.list()).toEqual([]);
  });

  test('goes in its turn when it is offered, and an early word of the receiver is not lost', async () => {
    const world = new World();
    world.connect();
    const content = patterned(200_000);
    const offer = await world.prepare(world.ana, content);
    await world.ana.transfers.outgoing('ben', offer);
    // Their answer to the message, before we hear that it is written.
    await world.ben.transfers.offered('ana', offer);
    await expectArrived(world, offer.fileId, content);
  });

  test('files move in the order of their offers, whichever was sealed first', async () => {
    const world = new World();
    const contents = [patterned(300_000), patterned(310_000), patterned(320_000)];
    const prepared = await Promise.all(contents.map((content) => world.prepare(world.ana, content)));
    for (const offer of prepared.toReversed()) await world.announce(world.ana, offer);
    const inOrder = prepared.toReversed().map(({ fileId }) => toHex(fileId));
    world.connect();
    await world.until(() => prepared.every(({ fileId }) => isComplete(world.ben, fileId)));
    const firsts = world.ana.sent('units').map(({ fileId }) => toHex(fileId));
    expect([...new Set(firsts)]).toEqual(inOrder);
  });
});

describe('what cannot be', () => {
  test('one byte over the limit is refused before anything is read, naming the limit', async () => {
    const world = new World();
    const file = new Blob([new Uint8Array(26_214_401)]);
    const preparing = world.ana.transfers.prepare('ben', new Uint8Array(16), file);
    await expect(preparing).rejects.toMatchObject({ kind: 'file-too-large', detail: { limit: 26_214_400 } });
    expect(await world.ana.blobs.list()).toEqual([]);
  });

  test('an offer over the receiver’s limit is refused as too large, and no unit is sent', async () => {
    const world = new World();
    world.ben.maxFileBytes = 1000;
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(1001));
    await world.until(() => hasFailed(world.ana, fileId));
    expect(world.ana.last(fileId)).toMatchObject({ error: 'file-too-large', byThem: true });
    expect(world.ben.last(fileId)).toMatchObject({ error: 'file-too-large', byThem: false });
    expect(world.ana.transfers.counters.unitsSent).toBe(0);
  });

  test('an offer whose numbers do not fit together is refused', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(1000), { units: 300 });
    await world.until(() => hasFailed(world.ana, fileId) && hasFailed(world.ben, fileId));
    expect(world.ben.last(fileId)?.error).toBe('file-corrupt-unit');
  });

  test('a full disk at the receiver: both are told, its room is given back, and Retry works when there is room', async () => {
    const world = new World();
    world.ben.files.room = 1_000_000;
    world.connect();
    const content = patterned(2_000_000);
    const offer = await world.offer(world.ana, content);
    await world.until(() => hasFailed(world.ana, offer.fileId) && hasFailed(world.ben, offer.fileId));
    expect(world.ana.last(offer.fileId)).toMatchObject({ error: 'disk-full', byThem: true });
    expect(world.ben.last(offer.fileId)).toMatchObject({ error: 'disk-full', byThem: false });
    await world.pass(3000);
    expect(await world.ben.blobs.list()).toEqual([]);
    world.ben.files.room = Number.POSITIVE_INFINITY;
    await world.announce(world.ana, offer);
    await expectArrived(world, offer.fileId, content);
  });

  test('a disk too full even for the record of the offer', async () => {
    const world = new World();
    world.connect();
    const offer = await world.prepare(world.ana, patterned(1000));
    world.ben.disk.commitsUntilFull = 0;
    await world.announce(world.ana, offer);
    await world.until(() => hasFailed(world.ana, offer.fileId));
    expect(world.ana.last(offer.fileId)).toMatchObject({ error: 'disk-full', byThem: true });
    expect(world.ben.last(offer.fileId)).toMatchObject({ error: 'disk-full', state: 'failed' });
  });

  test('a sender that lies about the hash: failed on both sides, nothing stays', async () => {
    const world = new World();
    world.connect();
    const { fileId } = await world.offer(world.ana, patterned(200_000), { sha256: new Uint8Array(32) });
    await world.until(() => hasFailed(world.ana, fileId) && hasFailed(world.ben, fileId));
    expect(world.ben.last(fileId)).toMatchObject({ error: 'file-hash-mismatch', byThem: false });
    expect(world.ana.last(fileId)).toMatchObject({ error: 'file-hash-mismatch', byThem: true });
    expect(await world.ben.blobs.list()).toEqual([]);
  });

  const spoil = (times: number) => (message: TransferMessage) => {
    const place = message.type === 'units' ? indicesOf(message).indexOf(3) : -1;
    if (message.type !== 'units' || place < 0 || times-- <= 0) return message;
    const sealed = message.sealed.slice();
    const at = place * SEALED_UNIT_BYTES + 20;
    sealed[at] = (sealed[at] ?? 0) ^ 1;
    return { ...message, sealed };
  };

  test('a unit that arrives corrupt three times is sent again and the file is whole', async () => {
    const world = new World();
    world.connect();
    world.ana.tamper = spoil(3);
    const content = patterned(500_000);
    const { fileId, units } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    expect(world.ana.transfers.counters.unitsSent).toBe(units + 3);
  });

  test('a unit that is corrupt however often it is sent ends the file as file-corrupt-unit', async () => {
    const world = new World();
    world.connect();
    world.ana.tamper = spoil(Number.POSITIVE_INFINITY);
    const { fileId } = await world.offer(world.ana, patterned(500_000));
    await world.until(() => hasFailed(world.ana, fileId) && hasFailed(world.ben, fileId));
    expect([world.ana.last(fileId)?.error, world.ben.last(fileId)?.error]).toEqual([
      'file-corrupt-unit',
      'file-corrupt-unit',
    ]);
    expect(await world.ben.blobs.list()).toEqual([]);
  });

  test('the sender’s own sealed file lost from its disk: fails there and is told to the receiver', async () => {
    const world = new World();
    const { fileId } = await world.offer(world.ana, patterned(500_000));
    await world.ana.files.remove(toHex(fileId));
    world.connect();
    await world.until(() => hasFailed(world.ana, fileId) && hasFailed(world.ben, fileId));
    expect(world.ana.last(fileId)).toMatchObject({ error: 'record-damaged', byThem: false });
  });

  test('nobody else can touch a file: messages of another contact count for nothing', async () => {
    const world = new World();
    world.connect();
    const content = patterned(1_000_000);
    const offer = await world.offer(world.ana, content);
    const { fileId } = offer;
    await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.2, 1);
    const mallory: TransferMessage[] = [
      { type: 'stop', fileId, reason: 'cancelled' },
      { type: 'done', fileId },
      { type: 'have', fileId, bitmap: new Uint8Array(2).fill(0xff) },
      { type: 'units', fileId, first: 0, sealed: new Uint8Array(65_552) },
      { type: 'nack', fileId, index: 0 },
    ];
    for (const message of mallory) {
      await world.ana.transfers.handle('mallory', message);
      await world.ben.transfers.handle('mallory', message);
    }
    await world.ana.transfers.offered('mallory', { ...offer, sha256: new Uint8Array(32) });
    await expectArrived(world, fileId, content);
  });

  test('a sender that floods fills no memory: more than two windows are not taken', async () => {
    const world = new World();
    const offer = await world.prepare(world.ana, patterned(6_000_000));
    await world.ben.transfers.offered('ana', offer);
    await world.pass(100);
    for (let index = 0; index < 60; index++) {
      const sealed = await world.ana.blobs.readUnit(toHex(offer.fileId), offer, index);
      void world.ben.transfers.handle('ana', { type: 'units', fileId: offer.fileId, first: index, sealed });
    }
    await world.pass(1000);
    const stored = Math.round((world.ben.last(offer.fileId)?.progress ?? 0) * offer.units);
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(60);
  });
});

describe('texts do not wait behind a file', () => {
  test('at most 512 KiB are unacknowledged and 320 KiB in the link’s buffer on a fast path', async () => {
    const world = new World();
    world.path = { latencyMs: 40, bytesPerSecond: 20_000_000 };
    world.connect();
    const content = patterned(5_000_000);
    let unacknowledged = 0;
    let most = 0;
    world.ana.tamper = (message) => {
      if (message.type === 'units') unacknowledged += unitsIn(message.sealed.length);
      most = Math.max(most, unacknowledged);
      return message;
    };
    let acknowledged = 0;
    world.ben.tamper = (message) => {
      if (message.type !== 'ack-units') return message;
      const count = message.bitmap.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      unacknowledged -= count - acknowledged;
      acknowledged = count;
      return message;
    };
    const { fileId } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    expect(most).toBeGreaterThanOrEqual(7);
    expect(most).toBeLessThanOrEqual(8);
    expect(world.ana.channel?.peak).toBeLessThanOrEqual(327_680 + 500);
  });

  test('on a path of 50 kB/s one unit is on its way at a time', async () => {
    const world = new World();
    world.path = { latencyMs: 50, bytesPerSecond: 50_000 };
    world.connect();
    const content = patterned(1_000_000);
    const { fileId } = await world.offer(world.ana, content);
    await expectArrived(world, fileId, content);
    expect(world.ana.channel?.peak).toBeLessThan(70_000);
  });

  test('a path that becomes slow shrinks the window', async () => {
    const world = new World();
    const path = { latencyMs: 5, bytesPerSecond: 20_000_000 };
    world.path = path;
    world.connect();
    const content = patterned(6_000_000);
    const { fileId } = await world.offer(world.ana, content);
    await world.until(() => (world.ana.last(fileId)?.progress ?? 0) > 0.5, 1);
    path.bytesPerSecond = 60_000;
    await world.pass(30_000);
    const queued: number[] = [];
    for (let i = 0; i < 20; i++) {
      await world.pass(500);
      queued.push(world.ana.channel?.bufferedAmount ?? 0);
    }
    expect(Math.max(...queued)).toBeLessThan(70_000);
    await expectArrived(world, fileId, content);
  });
});
