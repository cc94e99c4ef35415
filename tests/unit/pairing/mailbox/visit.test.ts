// One visit to a mailbox, and the bytes that cross.
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { type AirFate, MemoryMailbox } from '../../../../src/adapters/memory/mailbox.ts';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { fromHex, toHex } from '../../../../src/core/bytes/hex.ts';
import {
  type Command,
  decodeCommand,
  decodeReply,
  encodeCommand,
  encodeReply,
} from '../../../../src/core/pairing/mailbox/commands.ts';
import { type Errand, MailboxVisitor } from '../../../../src/core/pairing/mailbox/visit.ts';

const bytes = seededRandom(9).bytes(96);
const look: Errand = { first: null, write: null, read: [], clear: false };

let clock: MemoryClock;
let mailbox: MemoryMailbox;
let visitor: MailboxVisitor;

beforeEach(() => {
  clock = new MemoryClock();
  mailbox = new MemoryMailbox({ clock });
  visitor = new MailboxVisitor({ peripheral: mailbox.central('Ana'), clock, random: seededRandom(1) });
});

const visit = (errand: Partial<Errand>) => clock.until(visitor.visit({ ...look, ...errand }));

describe('commands and replies', () => {
  const commands: [Command, string][] = [
    [{ do: 'put', slot: 1, offset: 258, data: Uint8Array.of(7, 8) }, '0101010207' + '08'],
    [{ do: 'commit', slot: 5, length: 512 }, '02050200'],
    [{ do: 'select', slot: 3, offset: 15 }, '0303000f'],
    [{ do: 'clear' }, '04'],
  ];

  it.each(commands)('%j has the bytes of the specification', (command, hex) => {
    expect(toHex(encodeCommand(command))).toBe(hex);
    expect(decodeCommand(fromHex(hex))).toEqual(command);
  });

  it.each([
    '',
    '00',
    '05',
    '0400',
    '01',
    '010100',
    '01010000',
    `01010000${'00'.repeat(17)}`,
    '0100000007',
    '0106000007',
    '010101ff0708',
    '020100',
    '02010000',
    '02010201',
    '0201000100',
    '0301',
    '03010201',
    '0300000000',
    '0301000000',
    'ff01000000',
  ])('%s is malformed', (hex) => {
    expect(() => decodeCommand(fromHex(hex))).toThrow('frame-malformed');
  });

  it('a reply survives its bytes', () => {
    const reply = { slot: 2, offset: 15, length: 96, data: Uint8Array.of(1, 2, 3) };
    expect(toHex(encodeReply(reply))).toBe('02000f0060010203');
    expect(decodeReply(encodeReply(reply))).toEqual(reply);
    expect(() => decodeReply(new Uint8Array(21))).toThrow('frame-malformed');
  });
});

describe('a visit', () => {
  it('writes into an empty slot and reads back what is there', async () => {
    expect(await visit({ write: { slot: 1, bytes }, read: [1, 2] })).toEqual(
      new Map([
        [1, bytes],
        [2, null],
      ]),
    );
    expect(await visit({ write: { slot: 1, bytes: bytes.slice(0, 32) }, read: [] })).toEqual(new Map([[1, bytes]]));
  });

  it('does nothing at all when slot 1 is not what was expected', async () => {
    await visit({ write: { slot: 1, bytes } });
    const before = mailbox.commands.length;
    expect(await visit({ first: bytes.slice(1), write: { slot: 2, bytes }, read: [3], clear: true })).toEqual(
      new Map([[1, bytes]]),
    );
    expect(mailbox.commands.slice(before).every((one) => one.bytes[0] === 3)).toBe(true);
    expect(await visit({})).toEqual(new Map([[1, bytes]]));
  });

  it('never writes more than 20 bytes at once, and clears', async () => {
    await visit({ write: { slot: 1, bytes }, read: [1] });
    expect(Math.max(...mailbox.commands.map((one) => one.bytes.length))).toBe(20);
    expect(await visit({ first: bytes, clear: true })).toEqual(new Map([[1, null]]));
  });

  it.each<AirFate>(['lost', 'unheard'])('of which any one operation is %s is made again as a whole', async (fate) => {
    for (let failing = 0; failing < 40; failing += 1) {
      mailbox = new MemoryMailbox({ clock, fate: ({ index }) => (index === failing ? fate : 'fine') });
      visitor = new MailboxVisitor({ peripheral: mailbox.central('Ana'), clock, random: seededRandom(failing) });
      expect((await visit({ write: { slot: 2, bytes } })).get(2), `operation ${failing}`).toEqual(bytes);
    }
  });

  it('survives that the end of the last one comes late', async () => {
    mailbox.fate = ({ kind }) => (kind === 'disconnect' ? 'late' : 'fine');
    await visit({ write: { slot: 1, bytes } });
    for (let again = 0; again < 5; again += 1) expect((await visit({ read: [2] })).get(1)).toEqual(bytes);
  });

  it('is given up after four tries, with the reason', async () => {
    mailbox.fate = () => 'lost';
    await expect(visit({})).rejects.toThrow('bluetooth-lost');
  });

  /** The mailbox forgets all before the select that stands at this place, from 1. */
  const forgetsAt = (place: number) => {
    let selects = 0;
    mailbox.fate = ({ kind, bytes: command }) => {
      if (kind === 'command' && command?.[0] === 3 && ++selects === place) mailbox.logic.write(Uint8Array.of(4));
      return 'fine';
    };
    return () => selects;
  };

  it('begins again when a slot is emptied while it is read, and writes nothing beside what is gone', async () => {
    const [first, other] = [bytes.slice(0, 32), bytes.slice(32)];
    await visit({ write: { slot: 1, bytes: first } });
    await visit({ write: { slot: 4, bytes: other } });
    // Three pieces of slot 1, then the second of slot 4.
    const selects = forgetsAt(5);
    expect(await visit({ first, write: { slot: 4, bytes: other } })).toEqual(new Map([[1, null]]));
    expect(selects()).toBeGreaterThan(5);
    expect(await visit({ read: [4] })).toEqual(
      new Map<number, Uint8Array | null>([
        [1, null],
        [4, null],
      ]),
    );
  });

  it.each([2, 5])('takes away what it wrote into slot %i when the mailbox was emptied just before', async (slot) => {
    const first = bytes.slice(0, 32);
    await visit({ write: { slot: 1, bytes: first } });
    let writes = 0;
    mailbox.fate = ({ kind, bytes: command }) => {
      if (kind === 'command' && command?.[0] === 1 && ++writes === 1) mailbox.logic.write(Uint8Array.of(4));
      return 'fine';
    };
    const seen = await visit({ first, write: { slot, bytes } });
    expect(seen.get(1)).toBeNull();
    expect(seen.get(slot)).toEqual(bytes);
    expect((await visit({ read: [slot] })).get(slot)).toBeNull();
  });

  it('finds slot 5 empty when the other connection empties the mailbox while it is read back', async () => {
    const first = bytes.slice(0, 32);
    await visit({ write: { slot: 1, bytes: first } });
    // Three pieces of slot 1, one look at slot 5, slot 1 again, and the first piece of what was written into slot 5.
    const selects = forgetsAt(9);
    expect(await visit({ first, write: { slot: 5, bytes } })).toEqual(
      new Map<number, Uint8Array | null>([
        [1, first],
        [5, null],
      ]),
    );
    expect(selects()).toBe(9);
  });

  it('is content with a mailbox that gives a byte at a time', async () => {
    const { logic } = mailbox;
    const read = logic.read.bind(logic);
    logic.read = () => read().slice(0, 6);
    expect(await visit({ write: { slot: 4, bytes: bytes.slice(0, 40) } })).toEqual(
      new Map([
        [1, null],
        [4, bytes.slice(0, 40)],
      ]),
    );
  });
});
