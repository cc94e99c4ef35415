// KEYS.md, "What the removed can read": the whole profile of somebody who was removed, and everything that ever crossed a link, in the
// hands of an attacker.
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/core/bytes/bytes.ts';
import { toHex } from '../../src/core/bytes/hex.ts';
import { uint32be } from '../../src/core/bytes/integers.ts';
import { utf8 } from '../../src/core/bytes/utf8.ts';
import { importAeadKey, open } from '../../src/core/crypto/aead.ts';
import { type MessageKey, step } from '../../src/core/group/keys/ratchet.ts';
import { ReceivingKeys } from '../../src/core/group/keys/receiving.ts';
import { decodeChains } from '../../src/core/group/keys/records.ts';
import type { SealedMessage } from '../../src/core/wire/group-message.ts';
import { decodeGroupTalk } from '../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../fixtures/group-world.ts';

/** Every message key that follows from what lies on a disk. */
async function keysOf(disk: Uint8Array): Promise<MessageKey[]> {
  const keys: MessageKey[] = [];
  for (const chain of decodeChains(disk)) {
    keys.push(...chain.skipped.values());
    let key = chain.key;
    for (let counter = chain.counter; counter < 100; counter += 1) {
      const { message, next } = await step(key);
      keys.push(message);
      key = next;
    }
  }
  return keys;
}

const headerOf = ({ group, from, chain, counter, hash, view }: SealedMessage) =>
  concat(utf8('kith group envelope v1'), group, from, chain, uint32be(counter), hash, view);

async function opens(envelope: SealedMessage, keys: readonly MessageKey[]): Promise<boolean> {
  for (const { key, nonce } of keys) {
    const plain = await open(await importAeadKey(key), nonce, envelope.sealed, headerOf(envelope)).catch(
      () => undefined,
    );
    if (plain !== undefined) return true;
  }
  return false;
}

function envelopesIn(world: GroupWorld): SealedMessage[] {
  const all = world.sent.map(({ bytes }) => decodeGroupTalk(bytes));
  const sealed = all.filter((talk): talk is SealedMessage => talk.type === 'group-sealed');
  return [...new Map(sealed.map((one) => [toHex(one.hash), one])).values()];
}

const reads = (person: Person, text: string): boolean => person.texts.includes(text);

describe('rules removed-reads-nothing-later and readers-by-view', () => {
  it('opens, of everything that crossed any link, no message written by somebody who knew of the removal', async () => {
    const world = new GroupWorld(31);
    const people = await world.group('Ana', 'Ben', 'Cleo', 'Dora');
    const [ana, ben, cleo, dora] = people as [Person, Person, Person, Person];
    world.records = true;
    await world.connectAll();
    await world.deliver();
    // Everybody has written, so that Ben holds a chain of each; and the last message before is one that he missed.
    for (const person of people) await person.write(`before, from ${person.name}`);
    await world.deliver();
    const mine = await keysOf(ben.disk.keys!);
    await cleo.write('at the same time');
    await world.remove(ana, ben);
    await world.deliver();
    const known = new Set(envelopesIn(world).map(({ hash }) => toHex(hash)));
    for (let round = 0; round < 5; round += 1) {
      for (const person of [ana, cleo, dora]) await person.write(`after ${round}, from ${person.name}`);
      await world.deliver();
    }
    await world.pass(5);
    const later = envelopesIn(world).filter(({ hash }) => !known.has(toHex(hash)));
    expect(later).toHaveLength(15);
    const stolen = [...mine, ...(await keysOf(ben.disk.keys!))];
    expect(stolen.length).toBeGreaterThan(290);
    for (const envelope of later) expect(await opens(envelope, stolen)).toBe(false);
    // The same keys open what was for Ben: the test would notice.
    const before = envelopesIn(world).filter(({ hash }) => known.has(toHex(hash)));
    const opened = await Promise.all(before.map((envelope) => opens(envelope, stolen)));
    expect(opened.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    const restored = ReceivingKeys.restore(ben.id, ben.disk.keys!);
    for (const envelope of later) {
      const author = people.find(({ id }) => id === toHex(envelope.from)) as Person;
      expect((await restored.open(envelope, author.key.publicKey)).is).toBe('no-key');
    }
    expect(ben.texts.some((text) => text.startsWith('after'))).toBe(false);
  });

  it('gets nothing from a member who does not know of the removal yet, and nothing by asking', async () => {
    const world = new GroupWorld(32);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    world.records = true;
    await world.connectAll();
    await world.deliver();
    await world.split([ana], [ben, cleo]);
    await world.remove(ana, ben);
    // Cleo learns of it from Ana; Ben's own page does not, and Ben still has a link with Cleo's as it was before.
    await world.split([ana, cleo], [ben]);
    await world.connect(ana, cleo);
    await ana.write('without Ben');
    await world.deliver();
    expect(cleo.texts).toEqual(['without Ben']);
    const group = ana.operations.members().view.groupId;
    const [entry] = cleo.conversation.parts.history.all();
    cleo.links.add(ben);
    const ask = { type: 'group-want', group, ids: [entry!.hashBytes.slice(0, 8)] } as const;
    expect(
      await cleo.conversation.run({ type: 'received', from: ben.id, talk: { ...ask, ids: [...ask.ids] } }),
    ).toEqual([]);
    expect(await cleo.conversation.run({ type: 'linked', peer: ben.id })).toEqual([{ type: 'drop', peer: ben.id }]);
    expect(cleo.conversation.parts.readers.mayRead(entry!, ben.id)).toBe(false);
    expect(reads(ben, 'without Ben')).toBe(false);
  });

  it('what waits unsent when the removal becomes known is signed and sealed without them', async () => {
    const world = new GroupWorld(33);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    world.records = true;
    await world.split([ana], [ben], [cleo]);
    await cleo.write('written with nobody there');
    await world.remove(ana, ben);
    await world.split([ana, cleo], [ben]);
    await world.connect(ana, cleo);
    await world.deliver();
    expect(ana.texts).toEqual(['written with nobody there']);
    const [entry] = ana.conversation.parts.history.all();
    expect(entry!.view.has(ben.id)).toBe(false);
    for (const { bytes } of world.sent) {
      const talk = decodeGroupTalk(bytes);
      if (talk.type === 'group-key') expect(talk.view).toEqual(ana.operations.members().view.heads);
    }
  });

  it('keeps sending into the void: nobody shows it, nobody passes it on', async () => {
    const world = new GroupWorld(34);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    await world.connectAll();
    await world.deliver();
    await ben.write('while I belong');
    await world.deliver();
    await world.split([ana, cleo], [ben]);
    await world.remove(ana, ben);
    await world.deliver();
    // Ben's page was changed to go on: it has a key and signs well.
    world.records = true;
    ben.side = 0;
    await ben.conversation.run({ type: 'linked', peer: cleo.id });
    const group = ana.operations.members().view.groupId;
    await ben.conversation.run({
      type: 'received',
      from: cleo.id,
      talk: { type: 'group-receipts', group, receipts: [] },
    });
    const effects = await ben.conversation.run({
      type: 'write',
      draft: { id: new Uint8Array(16), body: { type: 'text', text: 'I am still here' } },
    });
    const sent = effects.flatMap((effect) =>
      effect.type === 'send' && effect.talk.type === 'group-sealed' ? [effect.talk] : [],
    );
    expect(sent).toHaveLength(1);
    const answer = await ana.conversation.run({ type: 'received', from: cleo.id, talk: sent[0]! });
    expect(answer).toEqual([{ type: 'refused', from: cleo.id, kind: 'group-stranger' }]);
    expect(ana.texts).toEqual(['while I belong']);
  });
});

describe('rules newcomer-reads-from-then-on and shared-by-admin', () => {
  it('a member added sees what is written from then on, and what was before when an admin shares it', async () => {
    const world = new GroupWorld(35);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await ben.write('early');
    await world.deliver();
    const cleo = await world.person('Cleo');
    await world.add(ana, cleo);
    await world.connect(cleo, ben);
    await world.deliver();
    await ben.write('late');
    await world.pass(3);
    expect(cleo.texts).toEqual(['late']);
    expect(cleo.conversation.parts.history.shown()[0]?.missing).toHaveLength(1);
    await ana.run({ type: 'share', to: cleo.id });
    await world.pass(3);
    await world.disconnect(cleo, ben);
    await world.connect(cleo, ben);
    await world.deliver();
    expect(cleo.texts).toEqual(['early', 'late']);
  });

  it('nobody but an admin can share, and nothing that was written without the member on purpose', async () => {
    const world = new GroupWorld(36);
    const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
    await world.connectAll();
    await world.deliver();
    await world.remove(ana, cleo);
    await world.deliver();
    await ben.write('without Cleo, on purpose');
    await world.deliver();
    await world.add(ana, cleo);
    cleo.operations.learn(ana.operations);
    await cleo.learned();
    await world.connectAll();
    await world.deliver();
    await expect(ben.run({ type: 'share', to: cleo.id })).rejects.toThrow('group-stranger');
    await ana.run({ type: 'share', to: cleo.id });
    await world.pass(3);
    await world.disconnect(cleo, ana);
    await world.connect(cleo, ana);
    await world.pass(3);
    expect(cleo.texts).toEqual([]);
  });
});
