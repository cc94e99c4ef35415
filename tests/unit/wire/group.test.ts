// Operations and messages of groups on the wire: what comes back is what went in, and nothing else is read.
import * as cborg from 'cborg';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { KithError, kindOf } from '../../../src/core/errors.ts';
import { decode, encode } from '../../../src/core/wire/cbor.ts';
import { type GroupMessage, groupMessageSchema } from '../../../src/core/wire/group-messages.ts';
import {
  decodeSigned,
  encodeOperation,
  encodeSigned,
  type Operation,
  type OperationBody,
} from '../../../src/core/wire/group-operations.ts';
import {
  MAX_FRAME_BYTES,
  MAX_HEADS,
  MAX_OPERATION_BYTES,
  MAX_OPERATION_PARENTS,
  MAX_OPERATIONS_PER_FRAME,
  MAX_REMOVAL_MESSAGES,
} from '../../../src/core/wire/limits.ts';
import { mutate } from '../../fixtures/mutate.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const [id, key, binding, bundle] = [bytes(32, 1), bytes(32, 2), bytes(64, 3), bytes(65, 4)];
const by = { card: id, cardKey: key, key, binding, proof: binding };

const bodies: OperationBody[] = [
  { do: 'create', seed: id, name: 'Friends', bundle, person: 'Ana', binding },
  { do: 'add', bundle, person: 'Ben' },
  { do: 'add', bundle, person: 'Ben', by },
  { do: 'join', add: id, bundle, person: 'Ben', binding },
  { do: 'remove', member: id, messages: [id] },
  { do: 'leave', messages: [] },
  { do: 'leave', messages: [id], successor: id },
  { do: 'promote', member: id },
  { do: 'rename', name: 'Lake 🌊' },
  { do: 'picture', picture: null },
  { do: 'picture', picture: { sha256: id, size: 9 } },
  { do: 'card', key, uses: 50, until: 1_700_000_000_000, asks: true },
  { do: 'revoke', card: id },
  { do: 'seen' },
];

const operationOf = (body: OperationBody): Operation => ({
  version: 1,
  group: id,
  author: id,
  key,
  seq: 7,
  parents: [id, key],
  body,
});

const messages: GroupMessage[] = [
  { type: 'members-heads', group: id, heads: [id] },
  { type: 'members-need', group: id, want: [id], have: [] },
  { type: 'members-give', group: id, operations: [bytes(400, 5)], heads: [id] },
  { type: 'group-ask', cardKey: key, bundle, person: 'Cleo' },
  { type: 'group-ask', cardKey: key, bundle, person: 'Cleo', joining: { key, binding, proof: binding } },
  { type: 'group-answer', answer: 'group', group: id },
  { type: 'group-answer', answer: 'asked' },
  { type: 'group-answer', answer: 'refused', reason: 'card-over' },
];

const signedBytes = (operation: unknown) => encodeSigned(encode(operation), binding);

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(KithError);
    return kindOf(error);
  }
  return 'read';
}

describe('operations', () => {
  it.each(bodies)('$do survives the wire', (body) => {
    const operation = operationOf(body);
    const { content, ...read } = decodeSigned(signedBytes(operation));
    expect(read).toEqual({ operation, signature: binding });
    expect(content).toEqual(encodeOperation(operation));
  });

  const good = operationOf({ do: 'seen' });
  const many = (count: number) => Array.from({ length: count }, (_, at) => bytes(32, at));
  it.each<[string, unknown]>([
    ['of another version', { ...good, version: 2 }],
    ['with a field too many', { ...good, at: 1 }],
    ['in place 0', { ...good, seq: 0 }],
    ['with too many parents', { ...good, parents: many(MAX_OPERATION_PARENTS + 1) }],
    ['with a short hash', { ...good, parents: [bytes(31, 1)] }],
    ['of something unknown', { ...good, body: { do: 'crown' } }],
    ['with an empty name', { ...good, body: { do: 'rename', name: '' } }],
    ['with a name too long', { ...good, body: { do: 'rename', name: 'x'.repeat(129) } }],
    ['with a name of broken UTF-8', { ...good, body: { do: 'rename', name: '\uFFFD' } }],
    ['with a card without uses', { ...good, body: { do: 'card', key, uses: 0, until: 0, asks: false } }],
    ['with a card of 51 uses', { ...good, body: { do: 'card', key, uses: 51, until: 0, asks: false } }],
    [
      'with too many messages',
      { ...good, body: { do: 'remove', member: id, messages: many(MAX_REMOVAL_MESSAGES + 1) } },
    ],
    ['with half a card', { ...good, body: { do: 'add', bundle, person: 'Ben', by: { card: id } } }],
    ['that is no map', [1, 2, 3]],
  ])('%s are malformed', (_, operation) => {
    expect(refusal(() => decodeSigned(signedBytes(operation)))).toBe('frame-malformed');
  });

  it('that are larger than any are not looked at, and the largest fits', () => {
    expect(refusal(() => decodeSigned(bytes(MAX_OPERATION_BYTES + 1, 0)))).toBe('frame-too-large');
    const largest: OperationBody = { do: 'add', bundle, person: '🌊'.repeat(64), by };
    const operation = { ...operationOf(largest), parents: many(MAX_OPERATION_PARENTS) };
    expect(decodeSigned(signedBytes(operation)).operation.parents).toHaveLength(MAX_OPERATION_PARENTS);
  });

  it('are not read with keys of the map in another order, or twice', () => {
    const content = cborg.encode(good);
    const reversed = cborg.encode(Object.fromEntries(Object.entries(good).reverse()), { mapSorter: () => 0 });
    expect(reversed).not.toEqual(content);
    expect(refusal(() => decodeSigned(encode([reversed, binding])))).toBe('frame-malformed');
  });

  it('spoiled in any way are read as something else or refused with a reason, never a crash', () => {
    const random = seededRandom(20_261_126);
    const genuine = bodies.map((body) => signedBytes(operationOf(body)));
    for (let count = 0; count < 20_000; count += 1) {
      const mutant = mutate(genuine[count % genuine.length] as Uint8Array, random, genuine);
      const kind = refusal(() => {
        const { content, signature } = decodeSigned(mutant);
        // What is read has this one encoding.
        expect(encodeSigned(content, signature)).toEqual(mutant);
      });
      expect(['read', 'frame-malformed', 'frame-too-large']).toContain(kind);
    }
  });
});

describe('messages', () => {
  it.each(messages)('$type survives the wire', (message) => {
    expect(decode(encode(message), groupMessageSchema)).toEqual(message);
  });

  it('as large as they may be fit into a frame', () => {
    const heads = Array.from({ length: MAX_HEADS }, () => id);
    const operations = Array.from({ length: MAX_OPERATIONS_PER_FRAME }, () => bytes(MAX_OPERATION_BYTES, 1));
    const give = encode({ type: 'members-give', group: id, operations, heads });
    expect(give.length).toBeLessThan(MAX_FRAME_BYTES - 64);
    expect(decode(give, groupMessageSchema)).toBeDefined();
    const more = encode({ type: 'members-heads', group: id, heads: [...heads, id] });
    expect(refusal(() => decode(more, groupMessageSchema))).toBe('frame-malformed');
  });

  it.each(messages)('$type spoiled is refused with a reason or is another message', (message) => {
    const random = seededRandom(7);
    const genuine = messages.map((one) => encode(one));
    for (let count = 0; count < 1_000; count += 1) {
      const kind = refusal(() => decode(mutate(encode(message), random, genuine), groupMessageSchema));
      expect(['read', 'frame-malformed', 'frame-too-large']).toContain(kind);
    }
  });
});
