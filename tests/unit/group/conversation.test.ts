// GroupConversation: everything of KEYS.md, HISTORY.md and GOSSIP.md together, between people in memory.
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/bytes/hex.ts';
import { signShare } from '../../../src/core/group/history/sharing.ts';
import type { ShareMessage } from '../../../src/core/wire/group-history.ts';
import { MAX_VIEW_HEADS } from '../../../src/core/wire/group-limits.ts';
import { decodeGroupMessage, type SignedMessage } from '../../../src/core/wire/group-message.ts';
import { decodeGroupTalk, type GroupTalk } from '../../../src/core/wire/group-talk.ts';
import { GroupWorld, type Person } from '../../fixtures/group-world.ts';

it('three people of whom two are not linked talk, and all see the same in the same order', async () => {
  const world = new GroupWorld(1);
  const [ana, ben, cleo] = (await world.group('Ana', 'Ben', 'Cleo')) as [Person, Person, Person];
  await world.connect(ana, ben);
  await world.connect(ben, cleo);
  await world.deliver();
  await ana.write('one');
  await ben.write('two');
  await world.deliver();
  await cleo.write('three');
  await world.deliver();
  expect(ana.texts).toEqual(['one', 'two', 'three']);
  expect(ben.texts).toEqual(ana.texts);
  expect(cleo.texts).toEqual(ana.texts);
  expect([...ana.refused, ...ben.refused, ...cleo.refused]).toEqual([]);
});

describe('rule own-past-first', () => {
  it('after an old backup nothing is written before what was written since is back, and no text comes twice', async () => {
    const world = new GroupWorld(2);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await ana.write('one');
    await world.deliver();
    await world.disconnect(ana, ben);
    await ana.write('two, as a draft');
    const backup = structuredClone(ana.disk);
    await world.connect(ana, ben);
    await world.deliver();
    await ana.write('three');
    await world.deliver();
    await world.crash(ana);
    ana.disk = backup;
    await ana.start();
    await ana.write('four');
    await world.connect(ana, ben);
    await world.pass(2);
    expect(ben.texts).toEqual(['one', 'two, as a draft', 'three', 'four']);
    expect(ana.texts).toEqual(ben.texts);
    const { history } = ben.conversation.parts;
    expect(history.shown().map(({ verdict }) => verdict)).toEqual(['counts', 'counts', 'counts', 'counts']);
  });

  it('a draft of an old disk waits for own messages that are missing: it may be one of them', async () => {
    const world = new GroupWorld(4);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    await ana.write('one');
    await ana.write('two');
    await world.deliver();
    await world.crash(ana);
    const [one, two] = ben.disk.messages as [SignedMessage, SignedMessage];
    const { id, body } = decodeGroupMessage(one.content);
    // Back from a backup of before it left, and the later one came back first.
    ana.disk = { ...ana.disk, messages: [two], drafts: [{ id, body }] };
    await ana.start();
    await world.connect(ana, ben);
    await world.pass(2);
    expect(ana.texts).toEqual(['one', 'two']);
    expect(ben.conversation.parts.history.size).toBe(2);
    expect(ana.conversation.drafts).toEqual([]);
  });

  it('waits 30 s and no longer for messages that nobody gives back', async () => {
    const world = new GroupWorld(3);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await world.deliver();
    ana.conversation.parts.mine = 5;
    await ana.write('anybody there?');
    await world.pass(29);
    expect(ben.texts).toEqual([]);
    await world.pass(2);
    expect(ben.texts).toEqual(['anybody there?']);
  });
});

it('a text waits, and is not lost, while the membership has more heads than a message can name', async () => {
  const world = new GroupWorld(8);
  const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
  await world.connectAll();
  await world.deliver();
  const { members } = ana.conversation.parts;
  const heads = Array.from({ length: MAX_VIEW_HEADS + 1 }, (_, at) => new Uint8Array(32).fill(at));
  await ana.run({ type: 'members', members: { ...members, view: { ...members.view, heads } } });
  await ana.write('wide');
  await world.pass(5);
  expect([ana.texts, ben.texts]).toEqual([[], []]);
  expect(ana.disk.drafts?.map(({ body }) => body)).toEqual([{ type: 'text', text: 'wide' }]);
  await ana.run({ type: 'members', members });
  await world.pass(5);
  expect([ana.texts, ben.texts]).toEqual([['wide'], ['wide']]);
});

it('what two hand on and one cannot read yet is asked of the second when the first has gone', async () => {
  const world = new GroupWorld(5);
  const [ana, ben, cleo, dora] = (await world.group('Ana', 'Ben', 'Cleo', 'Dora')) as [Person, Person, Person, Person];
  for (const one of [ben, cleo]) await world.connect(ana, one);
  await world.deliver();
  await ana.write('before Dora came'); // and her key with it, which neither of the two hands on again
  await world.deliver();
  for (const one of [ben, cleo]) await world.connect(one, dora);
  await world.pass(1);
  expect(dora.texts).toEqual(['before Dora came']);

  world.records = true;
  await ana.write('after');
  while (!(ben.texts.length === 2 && cleo.texts.length === 2)) await world.deliver(1);
  for (const from of [ben, cleo]) {
    const handed = world.sent
      .filter((each) => each.from === from.id && each.to === dora.id)
      .map(({ bytes }) => decodeGroupTalk(bytes))
      .find(({ type }) => type === 'group-sealed');
    await dora.run({ type: 'received', from: from.id, talk: handed as GroupTalk });
  }
  expect(dora.texts).toHaveLength(1);
  await world.disconnect(ben, dora);
  await world.pass(2);
  expect(dora.texts).toEqual(['before Dora came', 'after']);
});

it('a history that is shared comes at once to whoever is there already, from others than the admin too', async () => {
  const world = new GroupWorld(6);
  const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
  await world.connectAll();
  await ana.write('long ago');
  await world.pass(1);
  const cleo = await world.person('Cleo');
  await world.add(ana, cleo);
  for (const one of [ana, ben]) await world.connect(one, cleo);
  await world.pass(2);
  expect(cleo.texts).toEqual([]);
  await ana.run({ type: 'share', to: cleo.id });
  await world.disconnect(ana, cleo); // before a word of hers has arrived
  await world.pass(2);
  expect(cleo.texts).toEqual(['long ago']);
});

describe('shares', () => {
  /** Cleo, who came later, is linked with Ana, Ben and Dora; whoever of two has the smaller id begins to compare. */
  async function four() {
    const world = new GroupWorld(21);
    const [ana, ben, dora] = (await world.group('Ana', 'Ben', 'Dora')) as [Person, Person, Person];
    await world.connectAll();
    await ana.write('long ago');
    await world.pass(1);
    const cleo = await world.person('Cleo');
    await world.add(ana, cleo);
    await world.connectAll();
    await world.pass(2);
    const view = ana.operations.members().view;
    const share = (which: number) =>
      signShare(
        {
          group: view.groupId,
          from: fromHex(ana.id),
          to: fromHex(cleo.id),
          view: [...view.heads],
          upTo: [new Uint8Array(32).fill(which)],
        },
        ana.key.sign,
      );
    world.records = true;
    /** On which links one of the two began to compare since this was asked last: the first word names every message. */
    const begun = () => {
      const said = world.sent
        .splice(0)
        .map(({ from, to, bytes }) => ({ link: `${from}>${to}`, talk: decodeGroupTalk(bytes) }));
      return said.flatMap(({ link, talk }) => (talk.type === 'group-compare' ? [link] : []));
    };
    return { world, ana, ben, cleo, dora, share, begun };
  }

  it('however many come in a moment, each link compares once', async () => {
    const { world, ana, ben, cleo, dora, share, begun } = await four();
    for (let which = 1; which <= 100; which += 1) {
      const talk = await share(which);
      await ana.run({ type: 'received', from: ben.id, talk });
      for (const one of [ben, cleo, dora]) await one.run({ type: 'received', from: ana.id, talk });
    }
    expect(cleo.conversation.parts.readers.shares).toHaveLength(100);
    await world.pass(9);
    const links = [ana, ben, dora].map(({ id }) => (id < cleo.id ? `${id}>${cleo.id}` : `${cleo.id}>${id}`));
    expect(begun().sort()).toEqual(links.sort());
  });

  it('that come one after another make a link compare once in ten seconds', async () => {
    const { world, ana, cleo, share, begun } = await four();
    for (let which = 1; which <= 120; which += 1) {
      await cleo.run({ type: 'received', from: ana.id, talk: await share(which) });
      await world.pass(0.5);
    }
    const all = begun();
    expect(new Set(all).size).toBe(3);
    for (const link of all) expect(all.filter((other) => other === link).length).toBeLessThanOrEqual(7);
  });

  it('are taken 256 times: whoever shares once more is told, keeps and gives nothing of it', async () => {
    const { world, ana, ben, cleo, share } = await four();
    const all: ShareMessage[] = [];
    for (let which = 0; which < 256; which += 1) all.push(await share(which));
    for (const talk of all) await ana.run({ type: 'received', from: ben.id, talk });
    expect(ana.conversation.parts.readers.room).toBe(0);
    world.sent.splice(0);
    await expect(ana.run({ type: 'share', to: cleo.id })).rejects.toMatchObject({ kind: 'group-shares-full' });
    expect([ana.conversation.parts.readers.shares.length, ana.disk.shares.length]).toEqual([256, 256]);
    expect(world.sent).toEqual([]);
    // A disk from before there was a limit.
    await world.crash(ben);
    const view = ana.operations.members().view;
    const one = await signShare(
      {
        group: view.groupId,
        from: fromHex(ana.id),
        to: fromHex(cleo.id),
        view: [...view.heads],
        upTo: [...view.heads],
      },
      ana.key.sign,
    );
    ben.disk.shares = [...all, one];
    await ben.start();
    expect(ben.conversation.parts.readers.shares).toHaveLength(256);
  });
});

describe('a share', () => {
  async function shared(): Promise<{ world: GroupWorld; ana: Person; ben: Person; cleo: Person }> {
    const world = new GroupWorld(6);
    const [ana, ben] = (await world.group('Ana', 'Ben')) as [Person, Person];
    await world.connectAll();
    await ana.write('long ago');
    await world.pass(1);
    const cleo = await world.person('Cleo');
    await world.add(ana, cleo);
    for (const one of [ana, ben]) await world.connect(one, cleo);
    await world.pass(2);
    await ana.run({ type: 'share', to: cleo.id });
    await world.pass(2);
    return { world, ana, ben, cleo };
  }

  it('is taken once, however often a page starts and whoever repeats it', async () => {
    const { world, ana, ben, cleo } = await shared();
    for (let start = 0; start < 10; start += 1) {
      await world.crash(ben);
      await ben.start();
      await world.connect(ben, ana);
      await world.connect(ben, cleo);
      await world.pass(2);
      expect([ben.conversation.parts.readers.shares.length, ben.disk.shares.length]).toEqual([1, 1]);
    }
    await ana.run({ type: 'share', to: cleo.id });
    expect([ana.conversation.parts.readers.shares.length, ana.disk.shares.length]).toEqual([1, 1]);
  });

  it('that lies on the disk many times counts once, and leaves room for another', async () => {
    const { world, ana, ben, cleo } = await shared();
    await world.crash(ben);
    const [share] = ben.disk.shares;
    ben.disk.shares = Array.from({ length: 256 }, () => share as ShareMessage);
    await ben.start();
    expect(ben.conversation.parts.readers.shares).toHaveLength(1);
    const dora = await world.person('Dora');
    await world.add(ana, dora);
    await world.connect(ben, ana);
    await world.pass(1);
    await ana.run({ type: 'share', to: dora.id });
    await world.pass(1);
    expect(ben.conversation.parts.readers.shares.map(({ to }) => to)).toEqual([cleo.id, dora.id]);
  });
});
