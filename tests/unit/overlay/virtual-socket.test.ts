// The socket below the DHT library: what it sends again, what it answers itself, and what it never hands on.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { addressOf, toHostPort } from '../../../src/core/overlay/address.ts';
import { errorAnswer, signedBytes } from '../../../src/core/overlay/krpc-message.ts';
import { type Datagram, type VerifiedItem, VirtualSocket } from '../../../src/core/overlay/virtual-socket.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import { settle } from '../../fixtures/until.ts';
import { nodeOverlayCrypto } from '../../sim/node-crypto.ts';

const SELF = 'abcdefghijklmnopqrst';
const BEN = 'ABCDEFGHIJKLMNOPQRST';
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (from: Uint8Array) => String.fromCharCode(...from);
const ben = addressOf(bytes(BEN));
const PING = `d1:ad2:id20:${SELF}e1:q4:ping1:t2:xy1:y1:qe`;
const PONG = `d1:rd2:id20:${BEN}e1:t2:xy1:y1:re`;

let clock: MemoryClock;
let sent: { way: number; payload: string }[];
let lastPayload: Uint8Array;
let answered: string[];
let heard: string[];
let items: VerifiedItem[];
let learnt: [string, string, string][];
/** Links of the ways that are known, the best first. */
let ways: number[];
let receive: (packet: Datagram) => void;
let unreachable: (payload: Uint8Array) => void;
let socket: VirtualSocket;

beforeEach(() => {
  clock = new MemoryClock();
  [sent, answered, heard, items, learnt, ways] = [[], [], [], [], [], [1]];
  socket = new VirtualSocket({
    id: bytes(SELF),
    clock,
    crypto: nodeOverlayCrypto,
    log: silentLog,
    toBuffer: (each) => each,
    onItem: (item) => items.push(item),
    datagrams: {
      send: (_, payload, way) => {
        lastPayload = payload;
        if (ways.length > 0) sent.push({ way, payload: text(payload) });
        return ways[Math.min(way, ways.length - 1)] ?? 0;
      },
      onPacket: (handler) => {
        receive = handler;
      },
      onUnreachable: (handler) => {
        unreachable = handler;
      },
      learn: (...news) => learnt.push(news),
    },
  });
  socket.on('message', (message) => heard.push(text(message)));
});

function ask(query = PING): void {
  const { host, port } = toHostPort(ben);
  const message = bytes(query);
  socket.send(message, 0, message.length, port, host, () => {});
}

async function comes(message: string, from = ben, bringer = from): Promise<void> {
  const answer = (payload: Uint8Array) => answered.push(text(payload));
  receive({ from, payload: bytes(message), links: 2, bringer, answer });
  await settle();
}

async function signedItem(value: string): Promise<string> {
  const key = await nodeOverlayCrypto.keyFromSeed(new Uint8Array(32).fill(5));
  const signature = await key.sign(signedBytes({ seq: 7, value: bytes(value) }));
  return `1:k32:${text(key.publicKey)}3:seqi7e3:sig64:${text(signature)}`;
}

const failure = text(errorAnswer(bytes('xy')));

describe('a query', () => {
  it('is answered once, by whom it was sent to', async () => {
    ask();
    await comes(PONG.replace('xy', 'zz'));
    await comes(PONG.replace(BEN, SELF), addressOf(bytes(SELF)));
    expect(heard).toEqual([]);
    await comes(PONG);
    await comes(PONG);
    expect(heard).toEqual([PONG]);
    expect(clock.pending).toBe(0);
  });

  it('goes another way when no answer comes, the later the longer its way is, and then fails', async () => {
    ways = [1, 3];
    ask();
    await clock.advance(799);
    expect(sent.map(({ way }) => way)).toEqual([0]);
    await clock.advance(1);
    expect(sent.map(({ way }) => way)).toEqual([0, 1]);
    await clock.advance(1_600);
    expect(heard).toEqual([failure]);
    expect(clock.pending).toBe(0);
  });

  it('fails at once without a way, but not before the library is ready for it', async () => {
    ways = [];
    ask();
    expect(heard).toEqual([]);
    await clock.advance(0);
    expect(heard).toEqual([failure]);
  });

  it('fails at once when the router has tried every way', () => {
    ask();
    unreachable(bytes(PING));
    expect(heard).toEqual([]); // another packet with the same bytes
    unreachable(lastPayload);
    expect(heard).toEqual([failure]);
    expect(clock.pending).toBe(0);
  });

  it('is forgotten when the socket closes', async () => {
    ask();
    socket.close();
    await comes(PONG);
    expect(heard).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('a message', () => {
  it('teaches who introduces whom, and which neighbour brought the news, before the library hears it', async () => {
    ask();
    const cleo = 'klmnopqrstklmnopqrst';
    await comes(PONG.replace(`${BEN}e`, `${BEN}5:nodes26:${cleo}klmnope`), ben, 'a neighbour');
    expect(learnt).toEqual([[addressOf(bytes(cleo)), ben, 'a neighbour']]);
    expect(heard).toHaveLength(1);
  });

  it('is not heard when its sender is another than its path says', async () => {
    await comes(PING, ben);
    expect(heard).toEqual([]);
  });

  it('is not heard when it is no message', async () => {
    for (const nonsense of ['', 'd', 'd1:al-3:ee', 'x'.repeat(5_000)]) await comes(nonsense);
    expect(heard).toEqual([]);
  });

  it('shows a value once its signature is verified, and the library may ask whether it was', async () => {
    const verdicts: boolean[] = [];
    const item = await signedItem('hi');
    socket.on('message', () => {
      const [key, signature] = [item.slice(6, 38), item.slice(-64)];
      verdicts.push(socket.isVerified(bytes(signature), signedBytes({ seq: 7, value: bytes('hi') }), bytes(key)));
      verdicts.push(socket.isVerified(bytes(signature), signedBytes({ seq: 8, value: bytes('hi') }), bytes(key)));
    });
    ask();
    await comes(`d1:rd2:id20:${BEN}${item}1:v2:hie1:t2:xy1:y1:re`);
    expect(items).toMatchObject([{ seq: 7, value: bytes('hi'), from: ben, links: 2 }]);
    expect(verdicts).toEqual([true, false]);
  });

  it('with a forged value counts as no answer', async () => {
    ask();
    const item = await signedItem('hi');
    await comes(`d1:rd2:id20:${BEN}${item}1:v2:hoe1:t2:xy1:y1:re`);
    expect(items).toEqual([]);
    expect(heard).toEqual([failure]);
    expect(socket.forged).toBe(1);
  });

  it('that asks to keep something is heard so often and no more', async () => {
    const announce = `d1:ad2:id20:${BEN}9:info_hash20:${SELF}5:token1:xe1:q13:announce_peer1:t2:xy1:y1:qe`;
    for (let count = 0; count < 200; count += 1) await comes(announce);
    expect(heard).toHaveLength(128);
    await clock.advance(1_000);
    for (let count = 0; count < 9; count += 1) await comes(announce);
    expect(heard).toHaveLength(132);
  });

  it('is answered along its own path', async () => {
    socket.on('message', () => {
      const { host, port } = toHostPort(ben);
      const pong = bytes(`d1:rd2:id20:${SELF}e1:t2:xy1:y1:re`);
      socket.send(pong, 0, pong.length, port, host, () => {});
    });
    await comes(PING.replace(SELF, BEN));
    expect(answered).toHaveLength(1);
    expect(sent).toEqual([]);
  });
});
