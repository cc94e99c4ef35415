// Every schema there is, found by loading the modules: mutated bytes are refused with a reason, or are the one spelling of what they
// say. KITH_FUZZ_PARSERS raises the inputs for each.
import { describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { equalBytes } from '../../src/core/bytes/bytes.ts';
import { KithError } from '../../src/core/errors.ts';
import { decode, encode } from '../../src/core/wire/cbor.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../fixtures/memory.ts';
import { budget } from '../fixtures/mutate.ts';
import { type FoundSchema, sample, wholeSchemas } from '../fixtures/parsers/schemas.ts';
import { mutateCbor } from '../fixtures/parsers/spoil-cbor.ts';

vi.mock('valibot', async (original) => {
  const { recording } = await import('../fixtures/parsers/schemas.ts');
  return recording(await original());
});

const INPUTS = budget('KITH_FUZZ_PARSERS', 1_000);
const GENUINE = 60;

await Promise.all(Object.values(import.meta.glob('../../src/core/**/*.ts')).map((load) => load()));
/** Of a deployer's JSON, which `parseConfig` reads (parsers.test.ts). */
const OF_JSON = 'src/core/config.ts';
const schemas = wholeSchemas().filter(({ name }) => !name.startsWith(OF_JSON));
const v = await import('valibot');

/** Genuine messages of a schema. */
function genuineOf({ name, schema }: FoundSchema): Uint8Array[] {
  const random = seededRandom(20_261_127);
  const genuine: Uint8Array[] = [];
  for (let tries = 0; genuine.length < GENUINE && tries < 100 * GENUINE; tries += 1) {
    const value = sample(schema, random);
    if (v.safeParse(schema, value).success) genuine.push(encode(value));
  }
  if (genuine.length === 0) throw new Error(`No sample fits ${name}.`);
  return genuine;
}

/** What becomes of `bytes`: 'read' in the one spelling that they have, or the kind of refusal. */
function judge(bytes: Uint8Array, { schema }: FoundSchema): string {
  try {
    decode(bytes, schema);
  } catch (error) {
    return error instanceof KithError && error.kind.startsWith('frame-') ? error.kind : `uncaught: ${String(error)}`;
  }
  const raw = decode(bytes, v.unknown());
  // cborg reads broken UTF-8 as U+FFFD; identifiers refuse it, and what a person wrote may hold it.
  const isText = JSON.stringify(raw).includes('\uFFFD');
  return isText || equalBytes(encode(raw), bytes) ? 'read' : 'read in two spellings';
}

it('the modules hold schemas, and each takes what fits it: the test would notice', () => {
  expect(schemas.length).toBeGreaterThan(30);
  for (const found of schemas) {
    for (const bytes of genuineOf(found)) expect(judge(bytes, found), found.name).toBe('read');
  }
  const found = schemas.find(({ name }) => name.startsWith('src/core/wire/chat-messages')) as FoundSchema;
  const noted = encode({ type: 'noted' });
  expect(judge(noted, found)).toBe('read');
  expect(judge(Uint8Array.of(...noted, 0), found)).toBe('frame-malformed');
});

describe(`${INPUTS} mutated inputs`, () => {
  it.each(schemas)(
    '$name: none is read in two spellings, none ends in anything but a refusal',
    (found) => {
      const genuine = genuineOf(found);
      const random = seededRandom(20_261_128);
      const ends = new Map<string, number>();
      const memory = new MemoryMeter();
      for (let count = 0; count < INPUTS; count += 1) {
        const input = mutateCbor(genuine[count % genuine.length] as Uint8Array, random, genuine);
        const end = judge(input, found);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        if (count % 2_000 === 0) memory.look();
      }
      const { peak, kept } = memory.report();
      if (INPUTS > 1_000) console.log(`${found.name}: ${JSON.stringify(Object.fromEntries(ends))}, peak ${peak} MiB`);
      expect([...ends.keys()].filter((end) => !['read', 'frame-malformed', 'frame-too-large'].includes(end))).toEqual(
        [],
      );
      expect(ends.get('frame-malformed')).toBeGreaterThan(INPUTS / 4);
      expect(peak).toBeLessThan(PEAK_MIB);
      expect(kept).toBeLessThan(KEPT_MIB);
    },
    0,
  );
});
