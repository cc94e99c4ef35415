// How files leave: one after another, as much as the window and the link's buffer take, and never for somebody who is not there any more.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import type { FileOffer } from '../../../src/core/wire/chat-messages.ts';
import type { TransferMessage } from '../../../src/core/wire/transfer-messages.ts';
import { type Person, World } from '../../scenario/transfer-world.ts';

const UNIT = 65_536;
const SECOND = 1_000;
const bits = (...indexes: number[]) => Uint8Array.of(indexes.reduce((byte, index) => byte | (1 << index), 0));

/** What Ben is sent, and how full the link is. */
class Line {
  readonly sent: TransferMessage[] = [];
  bufferedAmount = 0;
  readonly asked: number[] = [];
  /** Everybody who waits for the link to be emptier. */
  waiting: { go: () => void; fail: () => void }[] = [];

  async send(message: TransferMessage): Promise<void> {
    this.sent.push(message);
  }
  drained(bytes: number): Promise<void> {
    this.asked.push(bytes);
    return new Promise((resolve, reject) => this.waiting.push({ go: resolve, fail: () => reject(new Error('gone')) }));
  }
  drain(how: 'go' | 'fail' = 'go'): void {
    this.bufferedAmount = 0;
    for (const one of this.waiting.splice(0)) one[how]();
  }
  /** Places of the units sent of this file, in the order in which they went. */
  units({ fileId }: FileOffer): number[] {
    return this.sent.flatMap((message) =>
      message.type === 'units' && toHex(message.fileId) === toHex(fileId) ? [message.first] : [],
    );
  }
  of(type: TransferMessage['type']): TransferMessage[] {
    return this.sent.filter((message) => message.type === type);
  }
}

let world: World;
let ana: Person;
let line: Line;
beforeEach(() => {
  world = new World();
  ana = world.ana;
  attach();
});

const settle = () => world.pass(1);
function attach(): void {
  line = new Line();
  ana.transfers.attach('ben', line);
}

async function offered(units = 3): Promise<FileOffer> {
  const offer = await world.prepare(ana, new Uint8Array(units * UNIT).fill(7));
  await ana.transfers.outgoing('ben', offer);
  await settle();
  return offer;
}
async function hear(type: 'have' | 'ack-units', { fileId }: FileOffer, bitmap: Uint8Array): Promise<void> {
  await ana.transfers.handle('ben', { type, fileId, bitmap });
  await settle();
}
async function refuse({ fileId }: FileOffer, index: number): Promise<void> {
  await ana.transfers.handle('ben', { type: 'nack', fileId, index });
  await settle();
}
const states = ({ fileId }: FileOffer) =>
  ana.events.flatMap((event) => (event.fileId === toHex(fileId) ? [event.state] : []));

describe('files', () => {
  it('go one after another, in their order, whoever was asked for first', async () => {
    const [first, second] = [await offered(), await offered()];
    await hear('have', second, bits());
    expect(line.units(second)).toEqual([0]);
    await hear('have', first, bits());
    expect(states(first).at(-1)).toBe('transferring');
    await hear('ack-units', second, bits(0));
    // The one behind waits: what was on its way came, and nothing more goes.
    expect([line.units(second), states(second).at(-1)]).toEqual([[0], 'waiting']);
    expect(line.units(first)[0]).toBe(0);
    for (const there of [bits(0), bits(0, 1), bits(0, 1, 2)]) await hear('ack-units', first, there);
    expect([line.units(first), line.units(second)]).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    await hear('ack-units', second, bits(0, 1));
    expect(states(second).at(-1)).toBe('transferring');
  });

  it('are asked about once in a session, however often they are offered', async () => {
    const offer = await offered();
    await ana.transfers.outgoing('ben', offer);
    attach();
    expect(line.of('have')).toHaveLength(1);
  });

  it('that leave the line take no other with them', async () => {
    const [gone, stays] = [await offered(), await offered()];
    await ana.transfers.cancel('ben', gone.fileId);
    await ana.transfers.forget(gone.fileId);
    await hear('have', stays, bits());
    expect(line.units(stays)).toEqual([0]);
  });

  it('that were not offered do not go, whoever asks', async () => {
    const hidden = await world.prepare(ana, new Uint8Array(UNIT));
    await hear('have', hidden, bits());
    expect(line.sent).toEqual([]);
  });

  it('tried again take their old place in the line', async () => {
    const [first, second] = [await offered(), await offered()];
    await ana.transfers.cancel('ben', first.fileId);
    await ana.transfers.outgoing('ben', first);
    attach();
    await hear('have', second, bits());
    await hear('have', first, bits());
    await hear('ack-units', second, bits(0));
    expect([line.units(first)[0], line.units(second)]).toEqual([0, [0]]);
  });
});

describe('units', () => {
  it('that do not open there are sent again three times, then the file has ended on both sides', async () => {
    const offer = await offered(1);
    await hear('have', offer, bits());
    for (let time = 1; time <= 3; time += 1) {
      await refuse(offer, 0);
      expect(line.units(offer)).toHaveLength(1 + time);
    }
    await refuse(offer, 0);
    expect(line.of('stop')).toEqual([{ type: 'stop', fileId: offer.fileId, reason: 'corrupt' }]);
    expect(ana.last(offer.fileId)).toMatchObject({ state: 'failed', error: 'file-corrupt-unit', byThem: false });
  });

  it('wait while more than two lie there, where the path takes the whole window', async () => {
    const offer = await offered(40);
    const there = (units: number) =>
      Uint8Array.from({ length: 5 }, (_, at) => 2 ** Math.min(8, Math.max(0, units - 8 * at)) - 1);
    await hear('have', offer, there(0));
    // The window: one, two, four, eight.
    for (const units of [1, 3, 7]) await hear('ack-units', offer, there(units));
    line.bufferedAmount = 2 * UNIT;
    await hear('ack-units', offer, there(10));
    expect(line.asked).toEqual([]);
    line.bufferedAmount = 2 * UNIT + 1;
    await hear('ack-units', offer, there(13));
    expect(line.asked).toEqual([2 * UNIT]);
    line.drain();
  });

  it('wait while more than one lies in the link’s buffer', async () => {
    const offer = await offered();
    line.bufferedAmount = UNIT;
    await hear('have', offer, bits());
    expect([line.units(offer), line.asked]).toEqual([[0], []]);
    line.bufferedAmount = UNIT + 1;
    await hear('ack-units', offer, bits(0));
    expect([line.units(offer), line.asked]).toEqual([[0], [UNIT]]);
    line.drain();
    await settle();
    expect(line.units(offer)).toEqual([0, 1, 2]);
  });

  it('are not sent into a session that ended while they waited, nor of a file that did', async () => {
    const offer = await offered();
    line.bufferedAmount = UNIT + 1;
    await hear('have', offer, bits());
    const before = line;
    ana.transfers.detach('ben');
    attach();
    before.drain();
    await settle();
    expect([before.units(offer), line.units(offer)]).toEqual([[], []]);

    line.bufferedAmount = UNIT + 1;
    await hear('have', offer, bits());
    await ana.transfers.cancel('ben', offer.fileId);
    line.drain();
    await settle();
    expect(line.units(offer)).toEqual([]);
  });

  it('that came otherwise while they waited are not sent', async () => {
    const offer = await offered();
    line.bufferedAmount = UNIT + 1;
    await hear('have', offer, bits());
    await hear('have', offer, bits(0));
    line.drain();
    await settle();
    expect(line.units(offer)).toEqual([1]);
  });

  it('go on when the link could not say that it was emptier', async () => {
    const offer = await offered();
    line.bufferedAmount = UNIT + 1;
    await hear('have', offer, bits());
    line.drain('fail');
    await settle();
    expect(line.units(offer)).toEqual([]);
    await hear('have', offer, bits());
    expect(line.units(offer)).toEqual([0]);
  });

  it('that cannot be read any more end their file, and no other', async () => {
    const [broken, other] = [await offered(), await offered()];
    await ana.blobs.remove(toHex(broken.fileId));
    await hear('have', broken, bits());
    expect(line.of('stop')).toMatchObject([{ fileId: broken.fileId, reason: 'corrupt' }]);
    expect(states(broken).at(-1)).toBe('failed');
    await hear('have', other, bits());
    expect(line.units(other)).toEqual([0]);
  });

  it('that cannot be read of a file that was stopped meanwhile tell nothing of it', async () => {
    const [stopped, other] = [await offered(), await offered()];
    const { blobs } = ana;
    const read = blobs.readUnit.bind(blobs);
    let fail = (_: Error): void => {};
    blobs.readUnit = () => new Promise((_, reject) => (fail = reject));
    // Only begun: it does not settle before the reading does.
    void ana.transfers.handle('ben', { type: 'have', fileId: stopped.fileId, bitmap: bits() });
    await Promise.resolve();
    await ana.transfers.cancel('ben', stopped.fileId);
    blobs.readUnit = read;
    fail(new Error('gone'));
    await settle();
    expect(line.of('stop')).toMatchObject([{ fileId: stopped.fileId, reason: 'cancelled' }]);
    expect(ana.last(stopped.fileId)?.error).toBe('file-cancelled');
    await hear('have', other, bits());
    expect(line.units(other)).toEqual([0]);
  });
});

describe('progress', () => {
  it('stands still while nobody is there', async () => {
    const offer = await offered();
    await hear('have', offer, bits());
    await hear('ack-units', offer, bits(0));
    expect(states(offer).at(-1)).toBe('transferring');
    ana.transfers.detach('ben');
    expect(states(offer).at(-1)).toBe('waiting');
    expect(ana.last(offer.fileId)?.progress).toBeCloseTo(1 / 3);
  });

  it('is written down every two seconds', async () => {
    const offer = await offered();
    await hear('have', offer, bits());
    await hear('ack-units', offer, bits(0));
    const stored = async () => {
      await settle();
      const bytes = await ana.disk.reopen().get('files', toHex(offer.fileId));
      return bytes?.length ?? 0;
    };
    const before = await stored();
    await world.pass(1_900);
    await hear('ack-units', offer, bits(0, 1));
    expect(await stored()).toBe(before);
    await world.pass(200);
    await hear('ack-units', offer, bits(0, 1));
    expect(await stored()).toBeGreaterThan(before);
  });

  it('that does not come for half a minute is asked for, and again half a minute after that', async () => {
    const offer = await offered();
    await hear('have', offer, bits());
    await world.pass(20 * SECOND);
    await hear('ack-units', offer, bits(0));
    await world.pass(29 * SECOND);
    expect([line.of('have'), states(offer).at(-1)]).toEqual([[], 'transferring']);
    await world.pass(2 * SECOND);
    const question = { type: 'have', fileId: offer.fileId, bitmap: Uint8Array.of(0xff) };
    expect([line.of('have'), states(offer).at(-1)]).toEqual([[question], 'waiting']);
    await world.pass(28 * SECOND);
    expect(line.of('have')).toHaveLength(1);
    await world.pass(2 * SECOND);
    expect(line.of('have')).toHaveLength(2);
    // What was on its way goes once more when they say where they stand.
    await hear('have', offer, bits(0));
    expect(line.units(offer).slice(-1)).not.toEqual([0]);
  });

  it('is not asked for when nothing moves, or nobody is there', async () => {
    const offer = await offered();
    await world.pass(90 * SECOND);
    expect(line.sent).toEqual([]);
    await hear('have', offer, bits());
    const before = line.sent.length;
    ana.transfers.detach('ben');
    await world.pass(90 * SECOND);
    expect(line.sent).toHaveLength(before);
    attach();
    await hear('have', offer, bits());
    for (const there of [bits(0), bits(0, 1, 2)]) await hear('ack-units', offer, there);
    const sent = line.sent.length;
    await world.pass(90 * SECOND);
    expect(line.sent).toHaveLength(sent);
  });
});
