import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { MemoryDisk } from '../../../src/adapters/memory/store.ts';
import {
  isPublicTracker,
  MAX_OF_ONE_NEIGHBOUR,
  MAX_TRACKERS_KEPT,
  TrackerList,
} from '../../../src/core/overlay/doors/tracker-list.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { decode, encode } from '../../../src/core/wire/cbor.ts';
import { settle } from '../../fixtures/until.ts';

/** As wide as the real one, with neighbours that say what a test wants. */
class Neighbourhood {
  readonly answers = new Map<number, Uint8Array>();
  asked: number[] = [];
  handler: (
    ...question: [from: never, payload: Uint8Array, bringer: Uint8Array, asked: Uint8Array]
  ) => Promise<Uint8Array | undefined> = async () => undefined;
  #changed = () => {};

  view() {
    return { neighbours: [...this.answers.keys()].map((byte) => ({ id: new Uint8Array(20).fill(byte) })) } as never;
  }
  onChange(handler: () => void) {
    this.#changed = handler;
  }
  async request({ id }: { id: Uint8Array }) {
    this.asked.push(id[0] ?? 0);
    return this.answers.get(id[0] ?? 0) ?? new Uint8Array();
  }
  onRequest(_service: string, handler: typeof this.handler) {
    this.handler = handler;
  }
  arrives(byte: number, answer: unknown) {
    this.answers.set(byte, answer instanceof Uint8Array ? answer : encode(answer));
    this.#changed();
  }
}

function setUp(disk = new MemoryDisk(), published: readonly string[] = ['wss://published.example.org/']) {
  const clock = new MemoryClock();
  const overlay = new Neighbourhood();
  const store = disk.reopen();
  const list = new TrackerList({ overlay, store, clock, random: seededRandom(1), log: silentLog, published });
  const pass = (milliseconds: number) => clock.advance(milliseconds, settle);
  const named = async () => {
    const [nothing, id] = [new Uint8Array(), new Uint8Array(20)];
    const answer = await overlay.handler(undefined as never, nothing, id, id);
    return decode(answer as Uint8Array, v.array(v.string()));
  };
  return { clock, overlay, list, disk, pass, named };
}

const one = 'wss://tracker.one.org/announce';
const two = 'wss://two.org/';

describe('trackers learnt from neighbours', () => {
  it('are asked for once there is a neighbour, and seldom after that', async () => {
    const { overlay, list, pass } = setUp();
    await pass(60_000);
    overlay.arrives(1, [one]);
    overlay.arrives(2, [two]);
    await pass(20_000);
    expect(overlay.asked).toHaveLength(1);
    await pass(4 * 3_600_000);
    expect(overlay.asked.toSorted()).toEqual([1, 2]);
    expect(list.spare.toSorted()).toEqual([one, two].toSorted());
  });

  it('are remembered, those first that opened here', async () => {
    const { overlay, list, disk, pass } = setUp();
    overlay.arrives(1, [one, two]);
    await pass(20_000);
    list.opened(two);
    await settle();
    const later = setUp(disk);
    await later.list.load();
    expect(later.list.spare).toEqual([two, one]);
  });

  it('are passed on only when they opened here, and never what was typed by hand', async () => {
    const { overlay, list, pass, named } = setUp();
    overlay.arrives(1, [one, two]);
    await pass(20_000);
    expect(await named()).toEqual([]);
    for (const url of ['wss://published.example.org/', two, 'wss://typed.org/']) list.opened(url);
    expect(await named()).toEqual(['wss://published.example.org/', two]);
    const home = setUp(new MemoryDisk(), ['wss://localhost/announce']);
    home.list.opened('wss://localhost/announce');
    expect(await home.named()).toEqual([]);
  });

  it('cannot be filled up by one neighbour, nor by many', async () => {
    const { overlay, list, pass } = setUp();
    const many = (byte: number) => Array.from({ length: 8 }, (_, index) => `wss://t${index}.liar${byte}.org/`);
    overlay.arrives(1, many(1));
    await pass(20_000);
    expect(list.spare).toHaveLength(MAX_OF_ONE_NEIGHBOUR);
    for (let byte = 2; byte < 30; byte++) overlay.arrives(byte, byte % 2 ? many(byte) : [one]);
    await pass(30 * 3_600_000);
    expect(list.spare).toHaveLength(MAX_TRACKERS_KEPT);
    expect(list.spare[0]).toBe(one);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['nonsense', Uint8Array.of(1, 2, 3)],
    ['too many', Array.from({ length: 9 }, (_, index) => `wss://t${index}.org/`)],
    ['something long', [`wss://${'a'.repeat(300)}.org/`]],
    ['numbers', [1]],
  ])('survive a neighbour that says %s', async (_what, answer) => {
    const { overlay, list, pass } = setUp();
    overlay.arrives(1, answer);
    await pass(20_000);
    expect(list.spare).toEqual([]);
  });

  it('are forgotten when their record is damaged', async () => {
    const disk = new MemoryDisk();
    await disk.reopen().commit([{ put: 'meta', key: 'trackers', value: Uint8Array.of(9) }], 'strict');
    const { list } = setUp(disk);
    await list.load();
    expect(list.spare).toEqual([]);
  });

  it('are no longer asked for after the end', async () => {
    const { clock, overlay, list } = setUp();
    overlay.arrives(1, [one]);
    list.close();
    expect(clock.pending).toBe(0);
  });
});

describe('a tracker that a stranger names', () => {
  it.each([one, two, 'wss://a-b.tracker.xn--p1ai:8443/announce?x=1'])('may be %s', (url) => {
    expect(isPublicTracker(url)).toBe(true);
  });
  it.each([
    'ws://tracker.one.org/',
    'https://tracker.one.org/',
    '/announce',
    'wss://localhost/',
    'wss://router.local/',
    'wss://nas.home.arpa/',
    'wss://nas/',
    'wss://127.0.0.1/',
    'wss://192.168.0.1:8080/',
    'wss://93.184.216.34/',
    'wss://[::1]/',
    'wss://user:word@tracker.one.org/',
    'wss://tracker.one.org',
    'WSS://tracker.one.org/',
    ' wss://tracker.one.org/',
    'wss://tracker.one.org/#x',
    'nonsense',
    '',
  ])('is not %j', (url) => {
    expect(isPublicTracker(url)).toBe(false);
  });
});
