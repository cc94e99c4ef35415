// Messages on their way into the history: taken once, held while operations are missing, refused when they prove nothing.
import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { History } from '../../../src/core/group/history/history.ts';
import { Intake, type Taken } from '../../../src/core/group/history/intake.ts';
import { messageHash } from '../../../src/core/group/history/signing.ts';
import type { SignedMessage } from '../../../src/core/wire/group-message.ts';
import { type Author, authors, type Table } from '../../fixtures/group-authors.ts';

let table: Table;
let [ana, ben]: Author[] = [];
let history: History;
let intake: Intake;

beforeEach(async () => {
  table = await authors(11, 2);
  [ana, ben] = table.people as [Author, Author];
  history = new History(table.members());
  intake = new Intake(history);
});

const take = (signed: SignedMessage, source = 'source', ...check: [] | [() => boolean]): Promise<Taken> =>
  intake.take(signed, source, table.members(), ...check);
const hashOf = async ({ content }: SignedMessage) => toHex(await messageHash(content));
/** Somebody has done something to the group that nobody here knows. */
const later = new Uint8Array(32).fill(9);
const ahead = (text: string) => table.sign(ana as Author, text, { view: [later] });
const addSomebody = () =>
  table.operations.write({
    author: (ana as Author).id,
    kind: 'add',
    target: 'cd'.repeat(32),
    signKey: (ben as Author).key.publicKey,
    role: 'member',
    messages: [],
  });

it('takes what is genuine into the history, once', async () => {
  const signed = await table.sign(ana as Author, 'hello');
  const taken = await take(signed);
  expect(taken).toMatchObject({ is: 'new', entry: { hash: await hashOf(signed), from: ana?.id } });
  expect(history.size).toBe(1);
  expect(await take(signed)).toEqual({ is: 'known' });
  expect(history.size).toBe(1);
  expect(intake.holds(await hashOf(signed))).toBe(false);
});

it('refuses what its author did not sign, and what its envelope does not agree with', async () => {
  const forged = await table.sign(ana as Author, 'not mine', {}, (ben as Author).key);
  expect(await take(forged)).toEqual({ is: 'refused', kind: 'group-forged' });
  const signed = await table.sign(ana as Author, 'hello');
  expect(await take(signed, 'source', () => false)).toEqual({ is: 'refused', kind: 'group-forged' });
  expect(history.size).toBe(0);
  expect(await take(signed, 'source', () => true)).toMatchObject({ is: 'new' });
});

describe('what names operations that are missing', () => {
  it('is held with its source, told what is missing, and let go when it is taken', async () => {
    const signed = await ahead('from tomorrow');
    expect(await take(signed)).toEqual({ is: 'held', missing: [later] });
    expect(intake.holds(await hashOf(signed))).toBe(true);
    expect(intake.waiting()).toEqual([{ signed, source: 'source' }]);
    expect(history.size).toBe(0);
    // Whoever gives it again is its source then; it is held once.
    expect(await take(signed, 'other')).toEqual({ is: 'held', missing: [later] });
    expect(intake.waiting()).toEqual([{ signed, source: 'other' }]);
  });

  it('is in the history and no longer held when the operations are there', async () => {
    const before = table.members();
    addSomebody();
    const signed = await table.sign(ben as Author, 'knows more', { view: table.members().view.heads });
    const missing = table.members().view.heads;
    expect(await intake.take(signed, 'source', before)).toEqual({ is: 'held', missing });
    expect(await take(signed)).toMatchObject({ is: 'new' });
    expect(intake.waiting()).toEqual([]);
    expect(history.size).toBe(1);
  });

  it('is no longer held when it is refused', async () => {
    const before = table.members();
    addSomebody();
    const forged = await table.sign(ana as Author, 'forged', {}, (ben as Author).key);
    expect(await intake.take(forged, 'source', before)).toMatchObject({ is: 'held' });
    expect(await take(forged)).toEqual({ is: 'refused', kind: 'group-forged' });
    expect(intake.waiting()).toEqual([]);
  });

  it('is held within bounds: 200 of one source, 2,000 in all; what is held may come again', async () => {
    const first = await ahead('first');
    await take(first, '0');
    for (let at = 1; at < 200; at += 1) await take(await ahead(`${at}`), '0');
    const oneMore = await ahead('one more');
    expect(await take(oneMore, '0')).toEqual({ is: 'held', missing: [later] });
    expect([intake.holds(await hashOf(oneMore)), intake.waiting().length]).toEqual([false, 200]);
    await take(first, '0');
    expect(intake.holds(await hashOf(first))).toBe(true);
    for (let at = 200; at < 2_000; at += 1) await take(await ahead(`${at}`), `${Math.floor(at / 200)}`);
    expect(intake.waiting()).toHaveLength(2_000);
    await take(oneMore, 'another');
    expect(intake.holds(await hashOf(oneMore))).toBe(false);
    expect(intake.waiting()).toHaveLength(2_000);
  });
});
