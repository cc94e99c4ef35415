// Every parser that is no schema (schemas.test.ts has those): mutated inputs are refused with a reason, or read as what they are.
// KITH_FUZZ_PARSERS raises the inputs for each.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { equalBytes } from '../../src/core/bytes/bytes.ts';
import { utf8 } from '../../src/core/bytes/utf8.ts';
import { KithError } from '../../src/core/errors.ts';
import { KEPT_MIB, MemoryMeter, PEAK_MIB } from '../fixtures/memory.ts';
import { budget, mutate } from '../fixtures/mutate.ts';
import { type Parser, parsers } from '../fixtures/parsers/parsers.ts';

const INPUTS = budget('KITH_FUZZ_PARSERS', 1_000);
const AT_ONCE = 50;
const SRC = new URL('../../src/', import.meta.url);

/** What reads by name, and is not a parser of bytes or text from elsewhere. */
const readsSomethingElse = new Map(
  Object.entries({
    'core/bytes/integers.ts': 'a number at a place',
    'core/chat/receipts.ts': 'a mark out of a record that was read',
    'core/group/history/ranges.ts': 'a list that groupTalkSchema has read (schemas.test.ts)',
    'core/group/history/sharing.ts': 'a share that groupTalkSchema has read (schemas.test.ts)',
    'core/group/reading.ts': 'messages that groupTalkSchema has read (group-mutations.test.ts)',
    'core/node/opened-file.ts': 'a Blob of our own',
    'core/overlay/address.ts#fromHostPort': "what the DHT's library read out of our own addresses",
    'core/pairing/invitation.ts#openInvitation': 'makes one',
    'core/session/noise/patterns.ts': "the names of patterns, which are the code's own",
    'core/transfer/batches.ts': 'units through openUnit',
    'core/transfer/source.ts': 'a file that the person chose',
    'adapters/camera/camera.ts': 'opens the camera',
    'adapters/indexeddb/database.ts': 'opens the database',
    'adapters/indexeddb/vault.ts': 'opens the vault',
    'app/thumbnail.ts': 'a file through readImageHeader',
    'core/wire/cbor.ts': 'what schemas.test.ts calls',
    'open-workshop.ts': 'opens a screen',
    'host/static-files.ts': 'the files of the build',
    'host/tracker.ts': 'what bittorrent-tracker parses (tests/host)',
    'workers/key-files.ts': '32 bytes of our own disk, or lock records through decodeLockRecord',
    'core/node/twin-record.ts': 'a record through twinSchema (schemas.test.ts)',
  }),
);

const isSomethingElse = (name: string) =>
  readsSomethingElse.has(name) || readsSomethingElse.has(name.replace(/#.*/, '')) || name.endsWith('Schema');

const isParserName = /^(decode|parse|read|open|unpack|sniff|from)([A-Z]\w*)?$|FromBytes$|^withoutMetadata$/;

/** `const decodeX = (bytes) => decode(bytes, xSchema)`. */
const isSchemaAlone = (text: string, line: string): boolean =>
  /^export const [^;]*=>\s*decode\([^;]*\);/.test(text.slice(text.indexOf(line)));

/** "module#name" of everything that the code exports under the name of a parser. Of schemas the test of schemas takes care. */
function parsersInCode(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
  return files.flatMap((file) => {
    const text = readFileSync(new URL(file, SRC), 'utf8');
    const exported = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)(.*)$/gm)];
    return exported
      .filter(([line, name = '']) => isParserName.test(name) && !isSchemaAlone(text, line))
      .map(([, name]) => `${file}#${name}`);
  });
}

it('every parser of the code is in the list, or it says why not', () => {
  const covered = new Set(parsers.flatMap(({ covers }) => covers));
  const inCode = parsersInCode();
  expect(inCode.filter((name) => !covered.has(name) && !isSomethingElse(name))).toEqual([]);
  expect([...covered].filter((name) => !inCode.includes(name))).toEqual([]);
});

/** 'read', 'refused', or what should not be. */
async function judge({ read, proves, spell }: Parser, input: Uint8Array | string, isGenuine: boolean): Promise<string> {
  let value: unknown;
  try {
    value = await read(input);
  } catch (error) {
    return error instanceof KithError ? 'refused' : `uncaught: ${String(error)}`;
  }
  if (value === undefined || value === null) return 'refused';
  if (proves && !isGenuine) return 'accepted';
  const spelling = spell?.(value, input) ?? input;
  const same = typeof spelling === 'string' ? spelling === input : equalBytes(spelling, input as Uint8Array);
  return same ? 'read' : 'read in two spellings';
}

const lenient = new TextDecoder();

describe(`${INPUTS} mutated inputs`, () => {
  it.each(parsers.map((parser, at) => [parser.covers.join(', ') || `sealed signal ${at}`, parser] as const))(
    '%s: none is accepted that is not genuine, none ends in anything but a refusal',
    async (name, parser) => {
      const { genuine } = parser;
      expect(genuine.length).toBeGreaterThan(0);
      for (const input of genuine) expect(await judge(parser, input, true), name).toBe('read');
      const bytes = genuine.map((input) => (typeof input === 'string' ? utf8(input) : input));
      const isText = typeof genuine[0] === 'string';
      const random = seededRandom(20_261_130);
      const ends = new Map<string, number>();
      const memory = new MemoryMeter();
      for (let done = 0; done < INPUTS; done += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, async (_, at) => {
          const mutant = mutate(bytes[(done + at) % bytes.length] as Uint8Array, random, bytes);
          // Another genuine one is no mutant of a parser that reads many.
          const isGenuine = bytes.some((each) => equalBytes(each, mutant));
          const end = await judge(parser, isText ? lenient.decode(mutant) : mutant, isGenuine);
          ends.set(end, (ends.get(end) ?? 0) + 1);
        });
        await Promise.all(batch);
        if (done % 2_000 === 0) memory.look();
      }
      const { peak, kept } = memory.report();
      if (INPUTS > 1_000) console.log(`${name}: ${JSON.stringify(Object.fromEntries(ends))}, peak ${peak} MiB`);
      expect([...ends.keys()].filter((end) => end !== 'read' && end !== 'refused')).toEqual([]);
      expect(peak).toBeLessThan(PEAK_MIB);
      expect(kept).toBeLessThan(KEPT_MIB);
    },
    0,
  );
});
