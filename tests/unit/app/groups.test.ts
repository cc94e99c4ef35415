import { signal } from '@preact/signals';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { groupsOf } from '../../../src/app/groups/groups.ts';
import { isGroupCard } from '../../../src/app/groups/join.ts';
import { mentionsIn, offered, partsOf, typedMention, withMention } from '../../../src/app/groups/mentions.ts';
import { MAX_MEMBERS, Picking } from '../../../src/app/groups/picking.ts';
import { enGroups } from '../../../src/app/i18n/en-groups.ts';
import { createApp } from '../../../src/app/kith.ts';
import type { ConversationView, GroupMemberView, GroupView } from '../../../src/core/node-api.ts';
import {
  aGroup,
  aGroupView,
  aMember,
  aSaying,
  FakeGroupNode,
  meAsMember,
  memberId,
  sampleGroupCard,
  withGroups,
} from '../../fixtures/fake-groups.ts';
import { aConversation, aMessage, sampleCard } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';
import { settled } from './harness.ts';

async function start(conversations: readonly ConversationView[] = [], groups: readonly GroupView[] = []) {
  const node = new FakeGroupNode({ ...withGroups, conversations }, groups);
  const platform = new FakePlatform();
  const app = createApp(node, platform);
  await settled();
  return { app, node, platform, groups: groupsOf(app) };
}

const ben = aMember(2, 'Ben Okafor');
const twins = [aMember(3, 'Jo'), aMember(4, 'Jo')] as const;
const named = [meAsMember, ben, ...twins, aMember(5, 'Jörg'), aMember(6, 'Zed', { state: 'invited' })];

describe('choosing people for a group', () => {
  const contacts = [
    aConversation('c1', { name: 'Cleo' }),
    aConversation('c2', { name: 'Björn', number: '123456789012345' }),
    aConversation('c3', { name: 'Anders', state: 'waiting' }),
    aGroup('g1'),
  ];

  it('lists contacts by name, no groups, and says why some cannot be chosen', () => {
    const picking = new Picking(signal(contacts));
    expect(picking.candidates.value.map(({ view, obstacle }) => [view.name, obstacle])).toEqual([
      ['Anders', 'waiting'],
      ['Björn', null],
      ['Cleo', null],
    ]);
    picking.toggle('c3');
    picking.toggle('nobody');
    expect(picking.picked.value).toEqual([]);
    picking.toggle('c1');
    picking.toggle('c2');
    picking.toggle('c1');
    expect(picking.picked.value).toEqual(['c2']);
  });

  it('searches names without marks and capitals, and numbers as they are typed', () => {
    const picking = new Picking(signal(contacts));
    const found = (query: string) => {
      picking.search(query);
      return picking.shown.value.map(({ id }) => id);
    };
    expect(found('bjorn')).toEqual(['c2']);
    expect(found(' CLE ')).toEqual(['c1']);
    expect(found('999')).toEqual([]);
    expect(found('123 456')).toEqual(['c2']);
    expect(found('')).toHaveLength(3);
  });

  it('stops at 49 others, and at what is left in a group that has members', () => {
    const many = Array.from({ length: 60 }, (_, index) => aConversation(`c${index}`, { name: `n${index}` }));
    const fresh = new Picking(signal(many));
    for (const { id } of many) fresh.toggle(id);
    expect([fresh.picked.value.length, fresh.room.value]).toEqual([MAX_MEMBERS - 1, 0]);
    const members = Array.from({ length: 48 }, (_, index) => aMember(index + 2, `m${index}`));
    const added = new Picking(signal(many), signal<readonly GroupMemberView[]>(members));
    for (const { id } of many) added.toggle(id);
    expect(added.picked.value.length).toBe(2);
  });

  it('knows who is in the group already, and lets go of a choice that has become impossible', () => {
    const list = signal<readonly ConversationView[]>(contacts);
    const members = signal<readonly GroupMemberView[]>([meAsMember, aMember(2, 'Cleo', { contactId: 'c1' })]);
    const picking = new Picking(list, members);
    expect(picking.candidates.value.find(({ id }) => id === 'c1')?.obstacle).toBe('joined');
    picking.toggle('c2');
    expect(picking.picked.value).toEqual(['c2']);
    list.value = [aConversation('c2', { name: 'Björn', state: 'blocked' })];
    expect(picking.picked.value).toEqual([]);
  });
});

describe('mentions', () => {
  it('are looked for behind an @ that begins a word, up to the caret', () => {
    expect(typedMention('hi @Be', 6)).toEqual({ start: 3, query: 'Be' });
    expect(typedMention('@', 1)).toEqual({ start: 0, query: '' });
    expect(typedMention('ben@example.org', 15)).toBeNull();
    expect(typedMention('no', 2)).toBeNull();
    expect(typedMention('@Ben\nmore', 9)).toBeNull();
    expect(typedMention('@ not', 5)).toBeNull();
  });

  it('offer who joined and is not me, by the beginning of any word, without marks', () => {
    expect(offered(named, '').map(({ name }) => name)).toEqual(['Ben Okafor', 'Jo', 'Jo', 'Jörg']);
    expect(offered(named, 'oka').map(({ name }) => name)).toEqual(['Ben Okafor']);
    expect(offered(named, 'jor').map(({ name }) => name)).toEqual(['Jörg']);
    expect(offered(named, 'x')).toEqual([]);
  });

  it('put the name that everybody knows into the text, never a nickname', () => {
    const nicknamed = aMember(7, 'My Benny', { theirName: 'Benjamin' });
    expect(offered([nicknamed], 'my').map(({ id }) => id)).toEqual([nicknamed.id]);
    const typed = typedMention('hi @my, so', 6);
    expect(typed && withMention('hi @my, so', typed, nicknamed.theirName)).toEqual({
      text: 'hi @Benjamin, so',
      caret: 12,
    });
    expect(withMention('@b', { start: 0, query: 'b' }, 'Ben')).toEqual({ text: '@Ben ', caret: 5 });
    expect(withMention('@b so', { start: 0, query: 'b' }, 'Ben')).toEqual({ text: '@Ben so', caret: 5 });
    expect(mentionsIn('hi @Benjamin', [nicknamed], [])).toHaveLength(1);
    expect(mentionsIn('hi @My Benny', [nicknamed], [])).toEqual([]);
  });

  it('name the longest that fits, and nothing within a word or an address', () => {
    const both = [aMember(8, 'Ben'), ben];
    expect(mentionsIn('@Ben Okafor and @Ben, @Benny, x@Ben', both, [])).toEqual([
      { start: 0, length: 11, memberId: ben.id },
      { start: 16, length: 4, memberId: memberId(8) },
    ]);
  });

  it('mean one of two who share a name only where chosen from the list', () => {
    const [one, other] = twins;
    expect(mentionsIn('@Jo', named, [])).toEqual([]);
    const chosen = [
      { name: 'Jo', memberId: other.id },
      { name: 'Jo', memberId: one.id },
    ];
    expect(mentionsIn('@Jo and @Jo', named, chosen).map((mention) => mention.memberId)).toEqual([other.id, one.id]);
  });

  it('keep every character of a text, whatever spans a stranger made up', () => {
    const span = fc.record({
      start: fc.integer({ min: -5, max: 60 }),
      length: fc.integer({ min: -5, max: 60 }),
      memberId: fc.constant('m'),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.array(span, { maxLength: 6 }), (text, spans) => {
        const parts = partsOf(text, spans);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const part of parts) if (part.memberId !== null) expect(part.text.startsWith('@')).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
    const text = 'for @Ben alone';
    expect(partsOf(text, [{ start: 4, length: 4, memberId: 'b' }])).toEqual([
      { text: 'for ', memberId: null },
      { text: '@Ben', memberId: 'b' },
      { text: ' alone', memberId: null },
    ]);
  });

  it('go with the text that is sent from a group', async () => {
    const { app, node, groups } = await start([aGroup('g1')], [aGroupView('g1')]);
    const group = groups.group('g1');
    await group.load();
    const { composer } = app.conversation('g1');
    composer.mentionsIn = group.mentionsIn;
    composer.type('@Ben come, and @Cleo');
    await composer.send();
    expect(node.called('sendText')).toEqual([
      [
        'sendText',
        'g1',
        '@Ben come, and @Cleo',
        [
          { start: 0, length: 4, memberId: memberId(2) },
          { start: 15, length: 5, memberId: memberId(3) },
        ],
      ],
    ]);
  });
});

describe('attention', () => {
  it('is not drawn by a muted group, but by what mentions me there', async () => {
    const { app, node, platform } = await start([
      aConversation('c1', { unread: 1 }),
      aGroup('g1', { unread: 7, muted: true }),
      aGroup('g2', { unread: 2 }),
    ]);
    expect([app.unread.value, platform.badge]).toEqual([3, 3]);
    node.changeConversation('g1', { mentions: 2 });
    expect([app.unread.value, platform.title]).toEqual([5, '(5) Kith']);
  });

  it('puts the line above new messages without counting what the log tells', async () => {
    const { app, node } = await start([aGroup('g1', { unread: 1 })]);
    node.seed([
      aSaying('g1', 1, ben),
      aSaying('g1', 2, ben),
      aMessage('g1', 3, { text: '', system: { what: 'joined', who: 'Cleo' } }),
    ]);
    app.navigation.open({ name: 'conversation', id: 'g1' });
    await settled();
    expect(app.conversation('g1').firstUnreadId.value).toBe('g1-2');
  });
});

describe('a group', () => {
  it('is made and opened, once it is in the list', async () => {
    const { app, node, groups } = await start([aConversation('c1')]);
    app.navigation.open({ name: 'new-group' });
    expect((await groups.create('Lake', ['c1'])).ok).toBe(true);
    await settled();
    expect(node.called('createGroup')).toEqual([['createGroup', 'Lake', ['c1']]]);
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'made' });
    expect(app.toasts.text.value).toBe('');
  });

  it('is not announced to whoever made it, though it is in the list only when the node has answered', async () => {
    const { app, node, groups } = await start();
    vi.spyOn(node, 'createGroup').mockResolvedValue({ ok: true, value: { conversationId: 'made' } });
    app.navigation.open({ name: 'new-group' });
    await groups.create('Lake', []);
    node.change({ conversations: [aGroup('made')] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'made' });
    expect(app.toasts.text.value).toBe('');
  });

  it('does not pull a person who has gone elsewhere into it', async () => {
    const { app, groups } = await start();
    app.navigation.open({ name: 'new-group' });
    const made = groups.create('Lake', []);
    app.navigation.open({ name: 'settings' });
    await made;
    await settled();
    expect(app.navigation.screen.value.name).toBe('settings');
  });

  it('lists me first, then who is there, admins before others, and the invited last', async () => {
    const { groups } = await start(
      [aGroup('g1')],
      [
        aGroupView('g1', {
          members: [
            aMember(2, 'Invited', { state: 'invited' }),
            aMember(3, 'Away'),
            aMember(4, 'Away admin', { role: 'admin' }),
            aMember(5, 'Here', { online: true }),
            meAsMember,
          ],
        }),
      ],
    );
    const group = groups.group('g1');
    await group.load();
    expect(group.members.value.map(({ name }) => name)).toEqual(['Ana', 'Here', 'Away admin', 'Away', 'Invited']);
  });

  it('knows when I am its last admin and others stay', async () => {
    const { node, groups } = await start([aGroup('g1')], [aGroupView('g1')]);
    const group = groups.group('g1');
    await group.load();
    expect(group.wouldOrphan.value).toBe(true);
    node.changeGroup('g1', { members: [meAsMember, aMember(2, 'Ben', { state: 'invited' })] });
    expect(group.wouldOrphan.value).toBe(false);
    node.changeGroup('g1', { members: [meAsMember, aMember(2, 'Ben', { role: 'admin' })] });
    expect(group.wouldOrphan.value).toBe(false);
  });

  it('does not fall back to an answer that is older than what was told meanwhile', async () => {
    const { node, groups } = await start([aGroup('g1')], [aGroupView('g1', { name: 'old' })]);
    const group = groups.group('g1');
    const loading = group.load();
    node.changeGroup('g1', { name: 'new' });
    await loading;
    expect(group.view.value?.name).toBe('new');
  });

  it('says why it cannot be shown, and what could not be done', async () => {
    const { app, node, groups } = await start([aGroup('g1')], [aGroupView('g1')]);
    node.answers.set('group', { ok: false, kind: 'record-damaged', detail: {} });
    const group = groups.group('g1');
    await group.load();
    expect(group.failure.value).toBe('record-damaged');
    node.answers.set('removeMember', { ok: false, kind: 'disk-full', detail: {} });
    expect(await group.remove(memberId(2))).toBe(false);
    expect(app.toasts.text.value).toBe(app.t.errors['disk-full']({}));
  });

  it('tells who has a message of mine, and asks again when that changes', async () => {
    const { node, groups } = await start([aGroup('g1')], [aGroupView('g1')]);
    const group = groups.group('g1');
    node.receipts.set('m1', [{ id: memberId(2), name: 'Ben', state: 'waiting', reason: null }]);
    await group.openReceipts('m1');
    expect(group.receipts.value?.map(({ state }) => state)).toEqual(['waiting']);
    node.receipts.set('m1', [{ id: memberId(2), name: 'Ben', state: 'read', reason: null }]);
    await group.refreshReceipts();
    expect(group.receipts.value?.map(({ state }) => state)).toEqual(['read']);
    group.close();
    await group.refreshReceipts();
    expect(node.called('messageReceipts')).toHaveLength(2);
  });

  it('is forgotten when it is gone', async () => {
    const { node, groups } = await start([aGroup('g1')], [aGroupView('g1')]);
    const before = groups.group('g1');
    await before.delete();
    expect(node.called('deleteGroup')).toEqual([['deleteGroup', 'g1']]);
    expect(groups.group('g1')).not.toBe(before);
  });
});

describe('the card of a group', () => {
  it('is told from a person’s by its beginning', () => {
    expect([sampleGroupCard, 'KITHG1 abcd', ' kith-1qf xyz'].map(isGroupCard)).toEqual([true, true, true]);
    expect([sampleCard, 'kith1qy', 'kith1q', 'kith1', '', 'group'].map(isGroupCard)).toEqual(Array(6).fill(false));
  });

  it('waits for a yes before anybody is asked', async () => {
    const { app, node, groups } = await start();
    const wrong = sampleGroupCard.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'));
    for (const other of [sampleCard, wrong, sampleGroupCard.slice(0, -1), `${sampleGroupCard}q`, 'kithg1 rubbish'])
      expect(groups.join.propose(other), other).toBe(false);
    expect(groups.join.card.value).toBeNull();
    expect(groups.join.propose(sampleGroupCard)).toBe(true);
    expect([groups.join.card.value, node.called('takeCard')]).toEqual([sampleGroupCard, []]);
    groups.join.cancel();
    await groups.join.confirm();
    expect(node.called('takeCard')).toEqual([]);
    groups.join.propose(sampleGroupCard);
    await groups.join.confirm();
    expect(node.called('takeCard')).toEqual([['takeCard', sampleGroupCard]]);
    expect([groups.join.card.value, app.pairing.typed.value]).toEqual([null, '']);
  });

  it('clears the alert of the attempt before, and shows why it did not work', async () => {
    const { app, node, groups } = await start();
    node.answers.set('takeCard', { ok: false, kind: 'card-expired', detail: {} });
    app.pairing.type(sampleCard);
    await app.pairing.submit();
    expect(app.pairing.error.value?.kind).toBe('card-expired');
    groups.join.propose(sampleGroupCard);
    expect(app.pairing.error.value).toBeNull();
    await groups.join.confirm();
    expect([app.pairing.error.value?.kind, app.pairing.typed.value]).toEqual(['card-expired', sampleGroupCard]);
  });

  it('leads into the group for whoever waits where cards are taken', async () => {
    const { app, node } = await start();
    app.navigation.open({ name: 'add-contact' });
    node.change({ conversations: [aGroup('g1')] });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'g1' });
    expect(app.toasts.text.value).toContain('Weekend at the lake');
  });

  it.each(['left', 'removed'] as const)('leads back into a group that was %s', async (standing) => {
    const { app, node } = await start([aGroup('g1', { standing })]);
    app.navigation.open({ name: 'add-contact' });
    node.changeConversation('g1', { standing: 'active' });
    expect(app.navigation.screen.value).toEqual({ name: 'conversation', id: 'g1' });
    expect(app.toasts.text.value).toContain('Weekend at the lake');
  });

  it('is not what an invitation is: that waits in the list', async () => {
    const { app, node } = await start();
    app.navigation.open({ name: 'add-contact' });
    node.change({ conversations: [aGroup('g1', { standing: 'invited' })] });
    expect([app.navigation.screen.value.name, app.toasts.text.value]).toEqual(['add-contact', '']);
    node.changeConversation('g1', { standing: 'active' });
    expect(app.navigation.screen.value.name).toBe('add-contact');
  });
});

describe('the words', () => {
  const { system, receipts } = enGroups.talk;

  it('say what the log tells, with me as a person among others', () => {
    expect(system({ what: 'removed', who: 'Ana', whom: 'Ben' })).toBe('Ana removed Ben');
    expect(system({ what: 'removed', who: 'Ana', whom: null })).toBe('Ana removed you');
    expect(system({ what: 'made-admin', who: null, whom: 'Ben' })).toBe('You made Ben an admin');
    expect(system({ what: 'renamed', who: '', name: 'يوسف' })).toBe('Somebody renamed the group to “\u2068يوسف\u2069”');
  });

  it('count who has a message without calling it read by all before it is', () => {
    expect(receipts({ delivered: 0, read: 0, of: 4 })).toBe('Delivered to 0 of 4');
    expect(receipts({ delivered: 3, read: 2, of: 4 })).toBe('Read by 2 of 4');
    expect(receipts({ delivered: 4, read: 4, of: 4 })).toBe('Read by all 4');
    expect(receipts({ delivered: 0, read: 0, of: 0 })).toBe('Nobody else here yet');
  });
});
