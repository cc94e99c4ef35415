// Whatever bytes come, decoding answers with a value of the schema or a KithError, at the cost of a loop over the bytes.
import * as cborg from 'cborg';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { KithError, kindOf } from '../../../src/core/errors.ts';
import { decode, encode, encodeInto } from '../../../src/core/wire/cbor.ts';
import { type SessionMessage, sessionMessageSchema } from '../../../src/core/wire/session-message.ts';

const read = (bytes: Uint8Array) => decode(bytes, sessionMessageSchema);

function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(KithError);
    return kindOf(error);
  }
  return 'accepted';
}

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const id = new Uint8Array(16).fill(3);
const envelope = { id, seq: 1, at: 1_700_000_000_000, seen: 0 };
const offer = {
  fileId: id,
  key: new Uint8Array(32).fill(4),
  name: 'a.bin',
  mediaType: 'application/octet-stream',
  size: 70_000,
  units: 2,
  sha256: new Uint8Array(32).fill(5),
};

const introduction = {
  type: 'introduce',
  id,
  secret: new Uint8Array(32).fill(6),
  bundle: new Uint8Array(65).fill(1),
  name: 'Cleo 👋',
  life: 14 * 86_400_000,
} as const;

const samples: SessionMessage[] = [
  { type: 'hello', name: 'Ana', standing: 'accepted', maxFileBytes: 26_214_400, readSeq: 3, readExcept: [2] },
  { type: 'noted' },
  { type: 'text', ...envelope, text: 'hello 👋' },
  { type: 'file', ...envelope, file: offer },
  { type: 'file', ...envelope, file: { ...offer, thumbnail: new Uint8Array(100) } },
  { type: 'void', id, seq: 9 },
  { type: 'ack', ids: [id], voids: [] },
  { type: 'refuse', id, reason: 'disk-full' },
  { type: 'read', seq: 7, except: [] },
  { type: 'have', fileId: id, bitmap: new Uint8Array(1) },
  { type: 'units', fileId: id, first: 1, sealed: new Uint8Array(3 * 65_552) },
  { type: 'ack-units', fileId: id, bitmap: new Uint8Array(1) },
  { type: 'nack', fileId: id, index: 0 },
  { type: 'done', fileId: id },
  { type: 'stop', fileId: id, reason: 'cancelled' },
  introduction,
  { type: 'introduce-withdraw', id },
  { type: 'introduce-ack', id, of: 'withdrawal' },
];

describe('messages', () => {
  it.each(samples)('$type survives the wire', (message) => {
    expect(read(encode(message))).toEqual(message);
  });

  it.each(samples)('$type is written into a space as it is written alone', (message) => {
    const alone = encode(message);
    const space = new Uint8Array(alone.length + 7).fill(0xee);
    expect(encodeInto(message, space)).toBe(alone.length);
    expect(space.subarray(0, alone.length)).toEqual(alone);
    expect([...space.subarray(alone.length)]).toEqual(Array(7).fill(0xee));
  });

  it('that finds no room says so', () => {
    const message = samples[2] as SessionMessage;
    const small = new Uint8Array(encode(message).length - 1);
    expect(() => encodeInto(message, small)).toThrow(new KithError('frame-too-large', { limit: small.length }));
  });

  it('that cannot be written at all does not pass for one that is too large', () => {
    expect(() => encodeInto({ type: Symbol('nothing') }, new Uint8Array(100))).toThrow(/unsupported|undefined/i);
  });

  it('lends what is large from where it lies and copies what is small', () => {
    const bytes = encode({ type: 'units', fileId: id, first: 1, sealed: new Uint8Array(65_552).fill(7) });
    const { fileId, sealed } = read(bytes) as Extract<SessionMessage, { type: 'units' }>;
    expect(sealed.buffer).toBe(bytes.buffer);
    expect(fileId.buffer).not.toBe(bytes.buffer);
    bytes.fill(0);
    expect([fileId, sealed[0]]).toEqual([id, 0]);
  });

  it('of the same value are the same bytes, whatever the order of its fields', () => {
    expect(encode({ type: 'read', seq: 7, except: [] })).toEqual(encode({ except: [], seq: 7, type: 'read' }));
  });
});

describe('hostile bytes', () => {
  it('a million nested arrays are refused without recursion', () => {
    expect(refusal(new Uint8Array(200_000).fill(0x81))).toBe('frame-malformed');
    expect(() => decode(new Uint8Array(1_000_000).fill(0x81), sessionMessageSchema, 2_000_000)).toThrow(
      'frame-malformed',
    );
    expect(() => decode(new Uint8Array(1_000_000).fill(0xa1), sessionMessageSchema, 2_000_000)).toThrow(
      'frame-malformed',
    );
  });

  it.each([
    ['nothing', ''],
    ['a tag', 'c101'],
    ['a whole number as a float of 16 bits', 'f93c00'],
    ['of 32', 'fa3f800000'],
    ['of 64', 'fb3ff0000000000000'],
    ['a fraction', 'f93e00'],
    ['a simple value of its own', 'f820'],
    ['an indefinite array', '9fff'],
    ['an indefinite string', '7f6161ff'],
    ['a length past the end', '5affffffff'],
    ['an array longer than the frame', '9affffffff'],
    ['bytes after the end', '8000'],
    ['a map whose longer key comes first', 'a2626162006163' + '00'],
    ['a map whose keys are not sorted', 'a261620061' + '6100'],
    ['a map with the same key twice', 'a261610061' + '6100'],
    ['a map with a number for a key', 'a10000'],
    ['not a number', 'f97e00'],
    ['infinity', 'f97c00'],
    ['undefined', 'f7'],
    ['a reserved length', '1c'],
    ['a number written longer than it needs', '1801'],
    ['a map with one key twice', 'a2616101616102'],
  ])('%s', (_, bytes) => {
    // Whatever a schema would say of it.
    expect(() => decode(hex(bytes), v.unknown())).toThrow('frame-malformed');
  });

  it('more than a frame holds', () => {
    expect(refusal(new Uint8Array(262_145))).toBe('frame-too-large');
  });

  it.each([
    ['an unknown type', { type: 'reboot' }],
    ['a field too many', { type: 'noted', extra: 1 }],
    ['an id of the wrong length', { type: 'void', id: new Uint8Array(15), seq: 1 }],
    ['a sequence of zero', { type: 'void', id, seq: 0 }],
    ['a sequence that is no integer', { type: 'void', id, seq: 1.5 }],
    ['a negative time', { type: 'text', ...envelope, at: -1, text: 'x' }],
    ['a text of one byte too many', { type: 'text', ...envelope, text: 'x'.repeat(65_537) }],
    ['an empty text', { type: 'text', ...envelope, text: '' }],
    [
      'a thumbnail of one byte too many',
      { type: 'file', ...envelope, file: { ...offer, thumbnail: new Uint8Array(32_769) } },
    ],
    ['a media type with broken UTF-8', { type: 'file', ...envelope, file: { ...offer, mediaType: '\uFFFD' } }],

    ['an introduction with a secret that is too short', { ...introduction, secret: new Uint8Array(31) }],
    ['an introduction with half a bundle', { ...introduction, bundle: new Uint8Array(33) }],
    ['an introduction for longer than two weeks', { ...introduction, life: 14 * 86_400_000 + 1 }],
    ['an introduction with a name of one unit too many', { ...introduction, name: 'x'.repeat(129) }],
    ['an introduction that brings a number', { ...introduction, number: '314159265358979' }],
    ['a confirmation of nothing', { type: 'introduce-ack', id, of: 'answer' }],
    ['something that is not a map', [1, 2, 3]],
  ])('valid CBOR of the wrong shape: %s', (_, value) => {
    expect(refusal(cborg.encode(value))).toBe('frame-malformed');
  });

  it('a map whose key is __proto__ leaves no prototype behind', () => {
    const bytes = hex(`a2${'64'}74797065${'65'}6e6f746564${'69'}5f5f70726f746f5f5f${'a1'}6161${'01'}`);
    expect(refusal(bytes)).toBe('frame-malformed');
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it('random bytes, and messages cut short or changed at random, never throw anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        refusal(bytes);
      }),
      { seed: 1, numRuns: 20_000 },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...samples.filter(({ type }) => type !== 'units').map((one) => encode(one))),
        fc.nat(),
        fc.nat(255),
        fc.nat(),
        (bytes, at, value, length) => {
          const changed = bytes.slice(0, 1 + (length % bytes.length));
          changed[at % changed.length] = value;
          refusal(changed);
        },
      ),
      { seed: 2, numRuns: 20_000 },
    );
  });
});
