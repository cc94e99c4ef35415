// One side of the transfers, with a contact who says whatever they like: what is answered, what is told to the person, and what is kept.
import { beforeEach, describe, expect, it } from 'vitest';
import { emptyBitmap } from '../../../src/core/bytes/bitmap.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import type { FileOffer } from '../../../src/core/wire/chat-messages.ts';
import type { StopReason, TransferMessage } from '../../../src/core/wire/transfer-messages.ts';
import { type Person, World } from '../../scenario/transfer-world.ts';

const UNIT = 65_536;
const content = (size: number) => Uint8Array.from({ length: size }, (_, at) => at % 251);
const idOf = (fill: number) => new Uint8Array(16).fill(fill);
const NOTHING = Uint8Array.of(0);
const EVERYTHING = Uint8Array.of(0xff);

let world: World;
let ana: Person;
/** What Ana says to Ben and to Cleo, by type. */
let toBen: TransferMessage[];
let toCleo: TransferMessage[];

beforeEach(() => {
  world = new World();
  ana = world.ana;
  [toBen, toCleo] = [[], []];
});

const channelTo = (said: TransferMessage[]) => ({
  bufferedAmount: 0,
  drained: async () => {},
  send: async (message: TransferMessage) => void said.push(message),
});
const attach = () => {
  ana.transfers.attach('ben', channelTo(toBen));
  ana.transfers.attach('cleo', channelTo(toCleo));
};
const settle = () => world.pass(1);
const typesOf = (said: readonly TransferMessage[]) => said.map(({ type }) => type);
const of = <Type extends TransferMessage['type']>(type: Type) =>
  toBen.filter((message) => message.type === type) as Extract<TransferMessage, { type: Type }>[];

/** Ben says it. */
async function heard(...messages: TransferMessage[]): Promise<TransferMessage[]> {
  toBen.length = 0;
  for (const message of messages) await ana.transfers.handle('ben', message);
  await settle();
  return [...toBen];
}
const have = (fileId: Uint8Array, bitmap: Uint8Array): TransferMessage => ({ type: 'have', fileId, bitmap });
const done = (fileId: Uint8Array): TransferMessage => ({ type: 'done', fileId });
const stop = (fileId: Uint8Array, reason: StopReason): TransferMessage => ({ type: 'stop', fileId, reason });

/** Ana's, offered to Ben. */
async function offered(size = 3 * UNIT): Promise<FileOffer> {
  const offer = await world.prepare(ana, content(size));
  await ana.transfers.outgoing('ben', offer);
  await settle();
  return offer;
}

/** Ben's, of which Ana has all when `isWhole`. */
async function received(isWhole = true): Promise<FileOffer> {
  const { ben } = world;
  const offer = await world.prepare(ben, content(3 * UNIT));
  await ana.transfers.offered('ben', offer);
  if (isWhole) {
    for (const first of [0, 1, 2]) {
      const sealed = await ben.blobs.readUnit(toHex(offer.fileId), offer, first);
      await ana.transfers.handle('ben', { type: 'units', fileId: offer.fileId, first, sealed });
    }
    await world.until(() => ana.last(offer.fileId)?.state === 'complete');
  }
  return offer;
}
const eventsOf = ({ fileId }: Pick<FileOffer, 'fileId'>) =>
  ana.events
    .filter((event) => event.contactId === 'ben' && event.fileId === toHex(fileId))
    .map(({ state, error }) => error ?? state);

describe('what is known of files', () => {
  it('a file is complete for its contact and in its direction, once it is', async () => {
    attach();
    const theirs = await received();
    const mine = await offered();
    const isComplete = (contact: string, { fileId }: FileOffer, way: 'in' | 'out') =>
      ana.transfers.isComplete(contact, fileId, way);
    expect(isComplete('ben', mine, 'out')).toBe(false);
    await heard(have(mine.fileId, NOTHING), done(mine.fileId));
    expect([isComplete('ben', theirs, 'in'), isComplete('ben', mine, 'out')]).toEqual([true, true]);
    expect([isComplete('ben', theirs, 'out'), isComplete('ben', mine, 'in')]).toEqual([false, false]);
    expect([isComplete('cleo', theirs, 'in'), isComplete('cleo', mine, 'out')]).toEqual([false, false]);
  });

  it('a file has ended as it did, and one of which nothing is known has ended for good', async () => {
    attach();
    const ended = (offer: FileOffer) =>
      (['complete', 'failed'] as const).map((state) => ana.transfers.hasEnded(toHex(offer.fileId), state));
    const [theirs, mine] = [await received(), await offered()];
    expect([ended(theirs), ended(mine)]).toEqual([
      [true, false],
      [false, false],
    ]);
    await ana.transfers.cancel('ben', mine.fileId);
    expect(ended(mine)).toEqual([false, true]);
    await ana.transfers.forget(mine.fileId);
    expect(ended(mine)).toEqual([true, true]);
  });

  it('those that failed are named with their reason, those of mine that wait without', async () => {
    attach();
    await received();
    const [failed, waiting] = [await offered(), await offered()];
    await received(false);
    await heard(stop(failed.fileId, 'disk-full'));
    const named = (offer: FileOffer) => ({ contactId: 'ben', fileId: toHex(offer.fileId) });
    expect(ana.transfers.failed()).toEqual([{ ...named(failed), error: 'disk-full' }]);
    expect(ana.transfers.outgoingWaiting()).toEqual([named(waiting)]);
  });

  it('a file is opened when it is mine or whole, and is not here otherwise', async () => {
    attach();
    const [theirs, part, mine] = [await received(), await received(false), await offered(5)];
    for (const { fileId, size } of [theirs, mine]) {
      const blob = await ana.transfers.openFile(fileId, 'text/plain');
      expect(new Uint8Array(await blob.arrayBuffer())).toEqual(content(size));
      expect(blob.type).toBe('text/plain');
    }
    for (const fileId of [part.fileId, idOf(9)])
      await expect(ana.transfers.openFile(fileId, '')).rejects.toMatchObject({ kind: 'file-unreadable' });
  });

  it('a file that failed, or was whole, begins nothing at the next start; what waits goes on', async () => {
    attach();
    const [theirs, failed, waiting, part] = [await received(), await offered(), await offered(), await received(false)];
    await ana.transfers.cancel('ben', failed.fileId);
    await settle();
    await ana.reload();
    toBen.length = 0;
    attach();
    await settle();
    const asked = new Set(of('have').map(({ fileId }) => toHex(fileId)));
    expect(asked).toEqual(new Set([toHex(waiting.fileId), toHex(part.fileId)]));
    expect(ana.transfers.isComplete('ben', theirs.fileId, 'in')).toBe(true);
    expect(ana.transfers.failed()).toMatchObject([{ fileId: toHex(failed.fileId), error: 'file-cancelled' }]);
  });
});

describe('about a file of which nothing is known', () => {
  it('a sender that asks may be early: its offer will answer it', async () => {
    attach();
    expect(await heard(have(idOf(9), EVERYTHING))).toEqual([]);
    expect(ana.events).toEqual([]);
  });

  it('a reader that wants it is told that it is unknown, and so is the message here', async () => {
    attach();
    expect(await heard(have(idOf(9), NOTHING))).toEqual([stop(idOf(9), 'unknown')]);
    expect(ana.events).toMatchObject([
      { contactId: 'ben', direction: 'out', state: 'failed', error: 'record-damaged' },
    ]);
    expect(ana.events[0]?.byThem).toBe(false);
  });

  it('units and a question for one are answered, and nothing here hears of it', async () => {
    attach();
    const units = { type: 'units', fileId: idOf(9), first: 0, sealed: new Uint8Array(20) } as const;
    expect(await heard(units, { type: 'nack', fileId: idOf(9), index: 0 })).toEqual([
      stop(idOf(9), 'unknown'),
      stop(idOf(9), 'unknown'),
    ]);
    expect(ana.events).toEqual([]);
  });

  it('its end is told here, and answered by nothing', async () => {
    attach();
    expect(await heard(stop(idOf(9), 'too-large'))).toEqual([]);
    expect(ana.events).toMatchObject([{ direction: 'out', error: 'file-too-large', byThem: true, progress: 0 }]);
    expect(await heard(done(idOf(9)), { type: 'ack-units', fileId: idOf(9), bitmap: NOTHING })).toEqual([]);
    expect(ana.events).toHaveLength(1);
  });

  it('so is one of another contact', async () => {
    attach();
    const mine = await offered();
    await ana.transfers.handle('cleo', have(mine.fileId, NOTHING));
    await settle();
    expect([typesOf(toCleo), of('units')]).toEqual([['stop'], []]);
  });
});

describe('a file of mine', () => {
  it('is told to whoever is there, and goes when they want it', async () => {
    attach();
    const mine = await offered();
    expect(of('units')).toEqual([]);
    expect(await heard(have(mine.fileId, NOTHING))).toMatchObject([{ type: 'units', first: 0 }]);
    const there = { type: 'ack-units', fileId: mine.fileId, bitmap: Uint8Array.of(1) } as const;
    expect((await heard(there)).every(({ type }) => type === 'units')).toBe(true);
    expect(ana.transfers.counters.unitsSent).toBe(3);
  });

  it('of which they have a part goes without that', async () => {
    attach();
    const mine = await offered();
    const sent = await heard(have(mine.fileId, Uint8Array.of(0b101)));
    expect(sent).toMatchObject([{ type: 'units', first: 1 }]);
    expect(ana.transfers.counters.unitsSent).toBe(1);
  });

  it('is asked about in every session until it has ended, in one of its own for each contact', async () => {
    attach();
    const mine = await offered();
    toBen.length = 0;
    ana.transfers.detach('ben');
    attach();
    expect([toBen, toCleo]).toEqual([[have(mine.fileId, EVERYTHING)], []]);
    // Without a word of the end of the one before.
    toBen.length = 0;
    attach();
    expect(toBen).toEqual([have(mine.fileId, EVERYTHING)]);
  });

  it('that they have whole is complete here, after a start too, and asked for no more', async () => {
    attach();
    const mine = await offered();
    await heard(have(mine.fileId, NOTHING), done(mine.fileId));
    expect(eventsOf(mine).at(-1)).toBe('complete');
    expect(await ana.transfers.outgoing('ben', mine)).toBe(true);
    await ana.reload();
    toBen.length = 0;
    attach();
    await settle();
    expect(toBen).toEqual([]);
  });

  it('that they had and ask for again is given once more in a session, not twice', async () => {
    attach();
    const mine = await offered();
    await heard(have(mine.fileId, NOTHING), done(mine.fileId));
    const again = await heard(have(mine.fileId, NOTHING));
    expect(new Set(typesOf(again))).toEqual(new Set(['units']));
    await heard(done(mine.fileId));
    expect(await heard(have(mine.fileId, NOTHING))).toEqual([stop(mine.fileId, 'unknown')]);
    ana.transfers.detach('ben');
    attach();
    expect(new Set(typesOf(await heard(have(mine.fileId, NOTHING))))).toEqual(new Set(['units']));
  });

  it('that they have lost, as their page says, moves again when they want it; one that has not ended is left alone', async () => {
    attach();
    const [mine, moving, theirs] = [await offered(), await offered(), await received()];
    await heard(have(mine.fileId, NOTHING), done(mine.fileId));
    const before = ana.events.length;
    for (const { fileId } of [moving, theirs]) await ana.transfers.again('ben', fileId);
    await ana.transfers.again('ben', idOf(9));
    await ana.transfers.again('cleo', mine.fileId);
    expect([ana.events.length, ana.transfers.isComplete('ben', theirs.fileId, 'in')]).toEqual([before, true]);
    expect(ana.transfers.isComplete('ben', mine.fileId, 'out')).toBe(true);
    await ana.transfers.again('ben', mine.fileId);
    expect(ana.transfers.isComplete('ben', mine.fileId, 'out')).toBe(false);
    expect(eventsOf(mine).at(-1)).toBe('waiting');
  });

  it('that failed says so when they ask, with the reason', async () => {
    attach();
    const mine = await offered();
    await ana.transfers.cancel('ben', mine.fileId);
    expect(await heard(have(mine.fileId, NOTHING))).toEqual([stop(mine.fileId, 'cancelled')]);
    // What asks for nothing is not answered.
    const acknowledged = { type: 'ack-units', fileId: mine.fileId, bitmap: NOTHING } as const;
    expect(await heard(acknowledged, done(mine.fileId), stop(mine.fileId, 'unknown'))).toEqual([]);
    expect(eventsOf(mine).at(-1)).toBe('file-cancelled');
  });

  it('is no file of mine when it is theirs, or nobody’s', async () => {
    attach();
    const theirs = await received();
    expect([
      await ana.transfers.outgoing('ben', theirs),
      await ana.transfers.outgoing('ben', { fileId: idOf(9) }),
      await ana.transfers.outgoing('cleo', await offered()),
    ]).toEqual([false, false, false]);
  });

  it('moves behind what was offered before, though it was sealed first', async () => {
    attach();
    const [sealedFirst, offeredFirst] = [
      await world.prepare(ana, content(UNIT)),
      await world.prepare(ana, content(UNIT)),
    ];
    await ana.transfers.outgoing('ben', offeredFirst);
    await ana.transfers.outgoing('ben', sealedFirst);
    await settle();
    toBen.length = 0;
    attach();
    expect(of('have').map(({ fileId }) => toHex(fileId))).toEqual(
      [offeredFirst, sealedFirst].map(({ fileId }) => toHex(fileId)),
    );
  });

  it('whose id is taken is not sealed', async () => {
    const first = await world.prepare(ana, content(5));
    const again = ana.transfers.prepare('ben', first.fileId, new Blob([content(5)]));
    await expect(again).rejects.toMatchObject({ kind: 'internal' });
    expect(ana.transfers.outgoingWaiting()).toHaveLength(1);
  });

  it('for whose record there is no room leaves nothing behind', async () => {
    ana.disk.commitsUntilFull = 0;
    await expect(ana.transfers.prepare('ben', idOf(7), new Blob([content(5)]))).rejects.toMatchObject({
      kind: 'disk-full',
    });
    expect([await ana.blobs.list(), ana.transfers.outgoingWaiting()]).toEqual([[], []]);
  });

  it('that is forgotten is gone; they are told when it was offered and had not ended', async () => {
    attach();
    const [waiting, ended, hidden] = [await offered(), await offered(), await world.prepare(ana, content(5))];
    await ana.transfers.cancel('ben', ended.fileId);
    await settle();
    toBen.length = 0;
    for (const { fileId } of [waiting, ended, hidden]) await ana.transfers.forget(fileId);
    await ana.transfers.forget(idOf(9));
    await settle();
    expect(toBen).toEqual([stop(waiting.fileId, 'cancelled')]);
    expect([await ana.blobs.list(), ana.transfers.outgoingWaiting(), ana.transfers.failed()]).toEqual([[], [], []]);
    expect(await ana.disk.reopen().count('files')).toBe(0);
  });
});

describe('a file of theirs', () => {
  it('is asked for when it is offered, however often, and stored', async () => {
    attach();
    const theirs = await received(false);
    await ana.transfers.offered('ben', theirs);
    await settle();
    expect(toBen).toEqual([have(theirs.fileId, emptyBitmap(3)), have(theirs.fileId, emptyBitmap(3))]);
  });

  it('that is whole is not asked for when it is offered again: they are told that it is', async () => {
    attach();
    const theirs = await received();
    toBen.length = 0;
    await ana.transfers.offered('ben', theirs);
    expect(await heard()).toEqual([]);
    await ana.transfers.offered('ben', theirs);
    await settle();
    expect(toBen).toEqual([done(theirs.fileId)]);
    expect(await heard(have(theirs.fileId, EVERYTHING))).toEqual([done(theirs.fileId)]);
    const units = { type: 'units', fileId: theirs.fileId, first: 0, sealed: new Uint8Array(20) } as const;
    expect(await heard(units)).toEqual([done(theirs.fileId)]);
  });

  it('that failed is asked for anew when it is offered again', async () => {
    attach();
    const theirs = await received(false);
    await ana.transfers.cancel('ben', theirs.fileId);
    expect(eventsOf(theirs).at(-1)).toBe('file-cancelled');
    toBen.length = 0;
    await ana.transfers.offered('ben', theirs);
    await settle();
    expect(toBen).toEqual([have(theirs.fileId, emptyBitmap(3))]);
  });

  it('under an id of mine, or of somebody else, changes nothing and is answered by nothing', async () => {
    attach();
    const [mine, theirs] = [await offered(), await received()];
    toBen.length = 0;
    await ana.transfers.offered('ben', mine);
    await ana.transfers.offered('cleo', theirs);
    await settle();
    expect([toBen, toCleo]).toEqual([[], []]);
    expect(ana.transfers.outgoingWaiting()).toHaveLength(1);
    expect(ana.transfers.isComplete('ben', theirs.fileId, 'in')).toBe(true);
  });

  it('that is larger than I take, or of impossible units, is refused with that reason', async () => {
    attach();
    const { ben } = world;
    const offer = await world.prepare(ben, content(3 * UNIT));
    ana.maxFileBytes = 3 * UNIT - 1;
    await ana.transfers.offered('ben', offer);
    await settle();
    expect(toBen).toEqual([stop(offer.fileId, 'too-large')]);
    ana.maxFileBytes = 3 * UNIT;
    toBen.length = 0;
    await ana.transfers.offered('ben', { ...offer, fileId: idOf(7), units: 2 });
    await settle();
    expect(toBen).toEqual([stop(idOf(7), 'corrupt')]);
    expect(ana.last(idOf(7))).toMatchObject({ state: 'failed', error: 'file-corrupt-unit' });
    toBen.length = 0;
    await ana.transfers.offered('ben', offer);
    await settle();
    expect(typesOf(toBen)).toEqual(['have']);
  });

  it('for whose record there is no room is refused, and its message is told so', async () => {
    attach();
    const offer = await world.prepare(world.ben, content(5));
    ana.disk.commitsUntilFull = 0;
    await ana.transfers.offered('ben', offer);
    await settle();
    expect(toBen).toEqual([stop(offer.fileId, 'disk-full')]);
    expect(ana.last(offer.fileId)).toMatchObject({
      direction: 'in',
      state: 'failed',
      error: 'disk-full',
      byThem: false,
    });
  });

  it('that they stop ends here by them, and is not spoken of until it is offered anew', async () => {
    attach();
    const theirs = await received(false);
    await heard(stop(theirs.fileId, 'cancelled'));
    expect(ana.last(theirs.fileId)).toMatchObject({ state: 'failed', error: 'file-cancelled', byThem: true });
    expect(await heard(have(theirs.fileId, EVERYTHING))).toEqual([]);
  });

  it('that I stopped says so to whoever speaks of it', async () => {
    attach();
    const theirs = await received(false);
    await ana.transfers.cancel('ben', theirs.fileId);
    await settle();
    expect(toBen.at(-1)).toEqual(stop(theirs.fileId, 'cancelled'));
    expect(await heard(have(theirs.fileId, EVERYTHING))).toEqual([stop(theirs.fileId, 'cancelled')]);
    await ana.transfers.cancel('ben', theirs.fileId);
    await ana.transfers.cancel('ben', idOf(9));
    await settle();
    expect(toBen).toHaveLength(1);
  });

  it('is not ended by another contact', async () => {
    attach();
    const theirs = await received(false);
    await ana.transfers.cancel('cleo', theirs.fileId);
    await ana.transfers.handle('cleo', stop(theirs.fileId, 'cancelled'));
    await settle();
    expect(eventsOf(theirs)).not.toContain('file-cancelled');
  });

  it('waits while nobody is there, and is asked for when they are, with what is here', async () => {
    attach();
    const theirs = await received(false);
    const sealed = await world.ben.blobs.readUnit(toHex(theirs.fileId), theirs, 1);
    await heard({ type: 'units', fileId: theirs.fileId, first: 1, sealed });
    await world.pass(1_000);
    expect(eventsOf(theirs).at(-1)).toBe('transferring');
    ana.transfers.detach('ben');
    expect(eventsOf(theirs).at(-1)).toBe('waiting');
    toBen.length = 0;
    attach();
    await settle();
    expect(of('have')).toEqual([have(theirs.fileId, Uint8Array.of(0b010))]);
  });

  it('of which a unit does not open is asked for that unit again', async () => {
    attach();
    const theirs = await received(false);
    const sealed = await world.ben.blobs.readUnit(toHex(theirs.fileId), theirs, 1);
    const broken = Uint8Array.from(sealed, (byte, at) => (at === 5 ? byte ^ 1 : byte));
    expect(await heard({ type: 'units', fileId: theirs.fileId, first: 1, sealed: broken })).toEqual([
      { type: 'nack', fileId: theirs.fileId, index: 1 },
    ]);
    expect(ana.transfers.counters.unitsReceived).toBe(1);
  });

  it('whose units come in one row is stored as when they come alone', async () => {
    attach();
    const theirs = await received(false);
    const units = await Promise.all([0, 1, 2].map((at) => world.ben.blobs.readUnit(toHex(theirs.fileId), theirs, at)));
    const sealed = new Uint8Array(units.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const unit of units) {
      sealed.set(unit, at);
      at += unit.length;
    }
    await heard({ type: 'units', fileId: theirs.fileId, first: 0, sealed });
    await world.until(() => ana.last(theirs.fileId)?.state === 'complete');
    expect(ana.transfers.counters.unitsReceived).toBe(3);
    const blob = await ana.transfers.openFile(theirs.fileId, '');
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(content(3 * UNIT));
  });

  it('whose units the disk cannot read is not asked for, keeps the session going, and is asked for when it can', async () => {
    attach();
    const { stored } = ana.blobs;
    ana.blobs.stored = async () => Promise.reject(new Error('rotten'));
    const theirs = await received(false);
    expect(await heard(have(theirs.fileId, EVERYTHING))).toEqual([]);
    expect(eventsOf(theirs)).toEqual([]);
    ana.blobs.stored = stored;
    expect(await heard(have(theirs.fileId, EVERYTHING))).toEqual([have(theirs.fileId, emptyBitmap(3))]);
  });
});
