// The screens of groups in a real Chromium over a node moved by hand, driven through the page hooks that outside tests rely on.
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { createApp } from '../../../src/app/kith.ts';
import type { ConversationView, GroupView, Snapshot } from '../../../src/core/node-api.ts';
import { mountApp } from '../../../src/ui/mount.tsx';
import {
  aGroup,
  aGroupView,
  aMember,
  aSaying,
  FakeGroupNode,
  meAsMember,
  sampleGroupCard,
  withGroups,
} from '../../fixtures/fake-groups.ts';
import { aConversation, aLast, aMessage, anAttachment } from '../../fixtures/fake-node.ts';
import { FakePlatform } from '../../fixtures/fake-platform.ts';

const ben = aMember(2, 'Ben', { contactId: 'c1', online: true });
const cleo = aMember(3, 'Cleo');
const contacts = [aConversation('c1', { name: 'Ben', number: ben.number }), aConversation('c2', { name: 'Dora' })];

let root: HTMLElement;

beforeEach(async () => {
  await page.viewport(1280, 720);
  root = document.createElement('div');
  root.id = 'root';
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

const all = (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const hook = (id: string) => all(id)[0] ?? null;
const until = <T,>(condition: () => T) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 });
const find = (id: string) => until(() => hook(id));
const press = async (id: string) => userEvent.click((await find(id)) ?? root);
const fill = async (id: string, text: string) => userEvent.fill((await find(id)) ?? root, text);
const said = () => document.activeElement?.getAttribute('data-testid');

async function start(
  conversations: readonly ConversationView[],
  groups: readonly GroupView[] = [],
  more: Partial<Snapshot> = {},
) {
  const node = new FakeGroupNode({ ...withGroups, conversations, ...more }, groups);
  const platform = new FakePlatform();
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  return { node, platform, app };
}

/** In the conversation of a group of Ana, Ben and Cleo. */
async function talking(
  prepare?: (node: FakeGroupNode) => void,
  view: Partial<GroupView> = {},
  of: Parameters<typeof aGroup>[1] = {},
) {
  const node = new FakeGroupNode({ ...withGroups, conversations: [aGroup('g1', of), ...contacts] }, [
    aGroupView('g1', { members: [meAsMember, ben, cleo], ...view }),
  ]);
  prepare?.(node);
  const platform = new FakePlatform();
  const app = createApp(node, platform);
  mountApp(root, app);
  await until(() => hook('app')?.dataset.ready === 'true');
  await press('conversation');
  await find('group-info');
  return { node, platform, app };
}

async function onPage(view: Partial<GroupView> = {}, of: Parameters<typeof aGroup>[1] = {}) {
  const started = await talking(undefined, view, of);
  await press('group-info');
  await until(() => all('group-member').length > 0);
  return started;
}

const member = (number: string) => all('group-member').find((line) => line.dataset.number === number) ?? root;
const within = (element: Element, id: string) => element.querySelector<HTMLElement>(`[data-testid="${id}"]`);

describe('the list', () => {
  test('carries what outside tests read of a group, and says who said what', async () => {
    const last = aLast({ text: 'see you there', fromName: 'Ben' });
    await start([aGroup('g1', { unread: 4, muted: true, mentions: 1, last })]);
    const row = await find('conversation');
    expect({ ...row?.dataset }).toMatchObject({
      id: 'g1',
      kind: 'group',
      trust: 'group',
      unread: '4',
      presence: 'online',
    });
    expect(row?.dataset.number).toBeUndefined();
    await until(() => row?.textContent.includes('Ben: see you there'));
    expect(row?.textContent).toContain('1 mention of you');
    expect(row?.textContent).toContain('Muted');
    expect(row?.querySelector('.badge[data-quiet]')?.getAttribute('data-quiet')).toBe('true');
  });

  test('says who invites me, and nothing of what was written', async () => {
    const invitedBy = { number: ben.number, name: 'Ben' };
    await start([aGroup('g1', { standing: 'invited', invitedBy, last: aLast({ text: 'secret' }) })]);
    await until(() => hook('conversation')?.textContent.includes('Ben invites you'));
    expect(hook('conversation')?.textContent).not.toContain('secret');
  });

  test('says that somebody waits to be let in', async () => {
    await start([aGroup('g1', { requests: 2, last: aLast({ text: 'see you' }) })]);
    await until(() => hook('conversation')?.textContent.includes('2 people want to join'));
  });
});

describe('a new group', () => {
  test('is made of a name and contacts, by keyboard alone', async () => {
    const { node } = await start(contacts);
    (await find('new-group'))?.focus();
    await userEvent.keyboard('{Enter}');
    await until(() => said() === 'group-name');
    await userEvent.keyboard('Lake{Tab} {Tab} {Enter}');
    await until(() => all('group-pick').length === 2);
    expect(all('group-pick').map((pick) => pick.getAttribute('aria-checked'))).toEqual(['true', 'false']);
    (await find('group-create'))?.focus();
    await userEvent.keyboard('{Enter}');
    await until(() => node.called('createGroup').length === 1);
    expect(node.called('createGroup')).toEqual([['createGroup', 'Lake', ['c1']]]);
    await find('group-info');
    expect(hook('message-input')).not.toBeNull();
  });

  test('has room for a name of emoji that is as long as a name may be', async () => {
    const { node } = await start(contacts);
    await press('new-group');
    const name = '🏔️🌊'.repeat(21);
    (await find('group-name'))?.focus();
    document.execCommand('insertText', false, name); // as if pasted: what a program sets is not held to the field's length
    await press('group-create');
    await until(() => node.called('createGroup').length === 1);
    expect(node.called('createGroup')).toEqual([['createGroup', name, []]]);
  });

  test('says what is missing, and clears that when the next attempt begins', async () => {
    const { node } = await start(contacts);
    await press('new-group');
    await press('group-create');
    const alert = await find('group-error');
    expect([alert?.getAttribute('role'), alert?.dataset.code]).toEqual(['alert', 'name-empty']);
    const name = await find('group-name');
    expect(document.activeElement).toBe(name);
    expect(name?.getAttribute('aria-describedby')).toBe(alert?.id);
    node.answers.set('createGroup', { ok: false, kind: 'disk-full', detail: {} });
    await fill('group-name', 'Lake');
    await until(() => hook('group-error') === null);
    await press('group-create');
    await until(() => hook('group-error')?.dataset.code === 'disk-full');
    node.answers.clear();
    await press('group-create');
    await until(() => hook('group-error') === null);
  });

  test('says why somebody cannot be invited, and lets nobody choose them', async () => {
    const blocked = aConversation('c3', { name: 'Emil', number: '173205080756887', state: 'blocked' });
    await start([...contacts, blocked]);
    await press('new-group');
    const emil = await until(() => all('group-pick').find(({ dataset }) => dataset.number === '173205080756887'));
    expect(emil.textContent).toContain('You blocked them');
    expect(emil.getAttribute('aria-disabled')).toBe('true');
    emil.click();
    expect(emil.getAttribute('aria-checked')).toBe('false');
  });

  test('searches many contacts, and keeps the button in sight', async () => {
    const many = Array.from({ length: 120 }, (_, index) =>
      aConversation(`c${index}`, { name: `Person ${index}`, number: String(100_000_000_000_000 + index) }),
    );
    await start(many);
    await press('new-group');
    await until(() => all('group-pick').length === 120);
    const bottom = (await find('group-create'))?.getBoundingClientRect().bottom ?? Infinity;
    expect(bottom).toBeLessThanOrEqual(720);
    const search = root.querySelector<HTMLInputElement>('input[type="search"]') ?? root;
    await userEvent.fill(search, 'person 119');
    await until(() => all('group-pick').length === 1);
    await userEvent.keyboard('{Escape}');
    await until(() => all('group-pick').length === 120);
  });
});

describe('an invitation', () => {
  const invited = { standing: 'invited', invitedBy: { number: ben.number, name: 'Ben' } } as const;

  test('says who invites and whom of the members I know, and shows no message and no composer', async () => {
    const { node } = await talking((fake) => fake.seed([aSaying('g1', 1, ben, { text: 'secret' })]), {}, invited);
    const invite = await find('group-invite');
    await until(() => invite?.textContent.includes('You know Ben'));
    expect(invite?.textContent).toContain('Ben invites you to this group');
    expect(root.textContent).not.toContain('secret');
    expect(hook('message-input')).toBeNull();
    await press('group-accept');
    expect(node.called('answerGroup')).toEqual([['answerGroup', 'g1', 'accept']]);
    await find('message-input');
    expect(hook('group-invite')).toBeNull();
  });

  test('goes from the list when it is refused', async () => {
    const { node } = await talking(undefined, {}, invited);
    await press('group-refuse');
    await until(() => all('conversation').length === 2);
    expect(node.called('answerGroup')).toEqual([['answerGroup', 'g1', 'refuse']]);
  });
});

describe('the conversation of a group', () => {
  test('names the author above the first of several, in the colour of their face', async () => {
    await talking((node) =>
      node.seed([aSaying('g1', 1, ben), aSaying('g1', 2, ben), aSaying('g1', 3, cleo), aSaying('g1', 4, meAsMember)]),
    );
    await until(() => all('message').length === 4);
    const authors = [...root.querySelectorAll<HTMLElement>('.author')];
    expect(authors.map(({ textContent }) => textContent)).toEqual(['Ben', 'Cleo']);
    expect(all('message').map((one) => one.getAttribute('aria-label'))).toEqual(['Ben', 'Ben', 'Cleo', 'You']);
    expect(all('message').map(({ dataset }) => dataset.from)).toEqual([
      ben.number,
      ben.number,
      cleo.number,
      meAsMember.number,
    ]);
  });

  test('tells two members of one name apart by their numbers', async () => {
    const other = aMember(9, 'Ben');
    await talking((node) => node.seed([aSaying('g1', 1, other)]), { members: [meAsMember, ben, other] });
    await until(() => root.querySelector('.author .figures'));
    expect(root.querySelector('.author')?.textContent?.replace(/\D/g, '')).toBe(other.number);
  });

  test('shows what the log tells as lines that are no messages, and gaps with the hope there is', async () => {
    await talking((node) =>
      node.seed([
        aMessage('g1', 1, { text: '', system: { what: 'removed', who: 'Ana', whom: 'Ben' } }),
        aSaying('g1', 2, cleo, { missingBefore: 2 }),
      ]),
    );
    const line = await find('system-line');
    expect(line?.textContent).toBe('Ana removed Ben');
    expect(all('message').length).toBe(1);
    expect(hook('gap')?.textContent).toContain('2 messages are missing here');
  });

  test('offers to fetch a file anew that did not come whole, unless this device takes none of its size', async () => {
    const failed = (error: 'file-cancelled' | 'file-too-large') => ({
      text: '',
      attachment: anAttachment({ state: 'failed', sha256: null, error }),
    });
    const { node } = await talking((fake) =>
      fake.seed([aSaying('g1', 1, ben, failed('file-too-large')), aSaying('g1', 2, cleo, failed('file-cancelled'))]),
    );
    await until(() => all('attachment').length === 2);
    expect(all('attachment-again')).toHaveLength(1);
    await press('attachment-again');
    expect(node.called('retryMessage')).toEqual([['retryMessage', 'g1', 'g1-2']]);
  });

  test('keeps the focus among the messages when a button goes away with what it did', async () => {
    const file = { attachment: anAttachment({ state: 'transferring', progress: 0.2, sha256: null }) };
    const { node } = await talking((fake) => fake.seed([aSaying('g1', 1, ben, file)]));
    (await find('attachment-cancel'))?.focus();
    expect(said()).toBe('attachment-cancel');
    const failed = anAttachment({ state: 'failed', sha256: null, error: 'file-cancelled' });
    node.put(aSaying('g1', 1, ben, { attachment: failed }));
    await until(() => hook('attachment-cancel') === null);
    await until(() => document.activeElement?.getAttribute('role') === 'log');
  });

  test('breaks no word of a file that can be fetched again, on the smallest of screens', async () => {
    const failed = anAttachment({ name: 'big.bin', state: 'failed', sha256: null, error: 'file-cancelled' });
    await talking((fake) => fake.seed([aSaying('g1', 1, ben, { attachment: failed })]));
    await find('attachment-again');
    await page.viewport(320, 640);
    const words = root.querySelector('.file-words');
    await until(() => (words?.clientWidth ?? 0) >= 140);
  });

  test('tells an admin who looks at the messages that somebody wants to join, and leads there', async () => {
    await talking(undefined, { requests: [{ id: 'j1', number: '173205080756887', name: 'Emil' }] });
    await until(() => hook('group-requests')?.textContent === '1 person wants to join');
    await press('group-requests');
    await find('join-accept');
  });

  test('counts who has a message of mine and tells who, until Escape gives the focus back', async () => {
    const { node } = await talking((fake) => {
      fake.seed([aSaying('g1', 1, meAsMember, { receipts: { delivered: 1, read: 0, of: 2 } })]);
      fake.receipts.set('g1-1', [
        { id: ben.id, name: 'Ben', state: 'delivered', reason: null },
        { id: cleo.id, name: 'Cleo', state: 'dropped', reason: 'disk-full' },
      ]);
    });
    const receipts = await find('receipts');
    expect({ ...receipts?.dataset }).toMatchObject({ delivered: '1', read: '0', of: '2' });
    // A conversation that opens takes the focus.
    await until(() => said() === 'message-input');
    receipts?.focus();
    await userEvent.keyboard('{Enter}');
    await until(() => all('receipt').length === 2);
    expect(all('receipt').map(({ dataset }) => dataset.state)).toEqual(['delivered', 'dropped']);
    expect(all('receipt')[1]?.textContent).toContain('Their device has no room left');
    const dialog = root.querySelector('[role="dialog"]');
    expect(dialog?.contains(document.activeElement)).toBe(true);
    node.receipts.set('g1-1', [{ id: ben.id, name: 'Ben', state: 'read', reason: null }]);
    node.put(aSaying('g1', 1, meAsMember, { receipts: { delivered: 1, read: 1, of: 2 } }));
    await until(() => all('receipt')[0]?.dataset.state === 'read');
    await userEvent.keyboard('{Escape}');
    await until(() => root.querySelector('[role="dialog"]') === null);
    await until(() => said() === 'receipts');
    expect(hook('message-input')).not.toBeNull();
  });

  test('does not say of a file what is true of its message alone', async () => {
    await talking((fake) => {
      const receipts = { delivered: 2, read: 2, of: 2 };
      fake.seed([aSaying('g1', 1, meAsMember, { attachment: anAttachment(), receipts })]);
      fake.receipts.set('g1-1', [{ id: ben.id, name: 'Ben', state: 'read', reason: null }]);
    });
    const said = () => root.querySelector('[role="dialog"]')?.textContent ?? '';
    await press('receipts');
    await until(() => said().includes('Another member got all of its file'));
    expect(hook('receipts')?.textContent).toBe('Read by all 2');
  });

  test('says that nobody has all of a file of mine yet, before and in the question about leaving', async () => {
    const { node } = await talking(
      (fake) => {
        const receipts = { delivered: 2, read: 2, of: 2 };
        const file = { attachment: anAttachment(), receipts, fileStanding: 'only-here' } as const;
        fake.seed([aSaying('g1', 1, meAsMember, { ...file, state: 'sent' })]);
        fake.receipts.set('g1-1', [{ id: ben.id, name: 'Ben', state: 'read', reason: null }]);
      },
      {
        role: 'member',
        members: [
          { ...meAsMember, role: 'member' },
          { ...ben, role: 'admin' },
        ],
        unreached: 2,
      },
    );
    expect((await find('receipts')).textContent).toBe('No member is known to have the file yet');
    await press('receipts');
    await until(() => root.querySelector('[role="dialog"]')?.textContent.includes('until one member has all of it'));
    await userEvent.keyboard('{Escape}');
    await press('group-info');
    await press('group-leave');
    const asked = () => root.querySelector('[role="alertdialog"]')?.textContent ?? '';
    await until(() => asked().includes('2 messages or files of yours have not reached anybody yet'));
    await press('confirm-no');
    node.changeGroup('g1', { unreached: 0 });
    await press('group-leave');
    await until(() => asked().includes('Leave this group?'));
    expect(asked()).not.toContain('reached anybody');
  });

  test('says of a file that waits that its sender is no longer there', async () => {
    const attachment = anAttachment({ state: 'waiting', progress: 0, sha256: null });
    await talking((fake) => fake.seed([aSaying('g1', 1, cleo, { attachment, fileStanding: 'sender-gone' })]));
    expect((await find('attachment-sender-gone')).textContent).toContain('if another member has it');
  });

  test('marks a text that others got differently, and explains it', async () => {
    await talking((node) => node.seed([aSaying('g1', 1, cleo, { twoFaced: true })]));
    await press('two-faced');
    const dialog = await until(() => root.querySelector('[role="dialog"]'));
    expect(dialog.textContent).toContain('Cleo sent different texts');
  });

  test('highlights whom a text names, me above all, and leaves links and words as they are', async () => {
    const text = '@Ana see https://example.org with @Ben';
    const mentions = [
      { start: 0, length: 4, memberId: meAsMember.id },
      { start: 34, length: 4, memberId: ben.id },
    ];
    await talking((node) => node.seed([aSaying('g1', 1, cleo, { text, mentions, mentionsMe: true })]));
    await until(() => all('mention').length === 2);
    expect(all('mention').map((one) => [one.textContent, one.dataset.me])).toEqual([
      ['@Ana', 'true'],
      ['@Ben', 'false'],
    ]);
    expect(hook('message-text')?.textContent).toBe(text);
    expect(hook('message-text')?.querySelector('a')?.href).toBe('https://example.org/');
    expect(hook('message')?.dataset.mentionsMe).toBe('true');
  });

  test.each([
    ['left', 'You left this group'],
    ['removed', 'An admin removed you'],
  ] as const)('can be read and not written in when I %s', async (standing, words) => {
    await talking((node) => node.seed([aSaying('g1', 1, ben)]), { standing }, { standing });
    await until(() => all('message').length === 1);
    expect(hook('message-input')).toBeNull();
    expect(hook('group-closed')?.textContent).toContain(words);
  });
});

describe('mentioning', () => {
  test('picks a member with the keyboard alone; Enter sends only afterwards', async () => {
    const { node } = await talking();
    const input = (await find('message-input')) as HTMLTextAreaElement;
    await userEvent.click(input);
    await userEvent.keyboard('hi @');
    await until(() => all('mention-option').length === 2);
    expect(all('mention-option').map((option) => option.getAttribute('aria-selected'))).toEqual(['true', 'false']);
    await userEvent.keyboard('{ArrowDown}');
    await until(() => all('mention-option')[1]?.getAttribute('aria-selected') === 'true');
    expect(input.getAttribute('aria-activedescendant')).toBe(all('mention-option')[1]?.id);
    await userEvent.keyboard('{Enter}');
    await until(() => input.value === 'hi @Cleo ');
    expect(node.called('sendText')).toEqual([]);
    await userEvent.keyboard('come{Enter}');
    await until(() => node.called('sendText').length === 1);
    expect(node.called('sendText')[0]).toEqual([
      'sendText',
      'g1',
      'hi @Cleo come',
      [{ start: 3, length: 5, memberId: cleo.id }],
    ]);
  });

  test('closes its list with Escape, which leaves the conversation open', async () => {
    const { app } = await talking();
    await press('message-input');
    await userEvent.keyboard('@b');
    await until(() => all('mention-option').length === 1);
    await userEvent.keyboard('{Escape}');
    await until(() => all('mention-option').length === 0);
    await userEvent.keyboard('e');
    expect(all('mention-option').length).toBe(0);
    expect(app.navigation.screen.value.name).toBe('conversation');
  });

  test('sends at once when the whole name was typed', async () => {
    const { node } = await talking();
    await press('message-input');
    await userEvent.keyboard('@Ben{Enter}');
    await until(() => node.called('sendText').length === 1);
    expect(node.called('sendText')[0]?.[3]).toEqual([{ start: 0, length: 4, memberId: ben.id }]);
  });
});

describe('the page of a group', () => {
  test('shows members with role and presence, and those met in the group alone', async () => {
    const { node } = await onPage();
    expect(all('group-member').map(({ dataset }) => [dataset.number, dataset.role])).toEqual([
      [meAsMember.number, 'admin'],
      [ben.number, 'member'],
      [cleo.number, 'member'],
    ]);
    expect(member(ben.number).textContent).toContain('Online');
    expect(within(member(ben.number), 'member-ask')).toBeNull();
    expect(member(cleo.number).textContent).toContain('Met in group');
    within(member(cleo.number), 'member-ask')?.click();
    await until(() => member(cleo.number).textContent.includes('Waiting for them to agree'));
    expect(node.called('askMember')).toEqual([['askMember', 'g1', cleo.id]]);
    expect(within(member(meAsMember.number), 'member-remove')).toBeNull();
  });

  test('removes somebody only after a question', async () => {
    const { node } = await onPage();
    within(member(ben.number), 'member-remove')?.click();
    await press('confirm-no');
    await until(() => hook('confirm-no') === null);
    expect(node.called('removeMember')).toEqual([]);
    within(member(ben.number), 'member-remove')?.click();
    await press('confirm-yes');
    await until(() => all('group-member').length === 2);
    expect(node.called('removeMember')).toEqual([['removeMember', 'g1', ben.id]]);
  });

  test('makes an admin only after saying that it cannot be taken back', async () => {
    const { node } = await onPage();
    within(member(ben.number), 'member-admin')?.click();
    await until(() => root.querySelector('[role="alertdialog"]')?.textContent?.includes('cannot be taken back'));
    await press('confirm-yes');
    await until(() => member(ben.number).dataset.role === 'admin');
    expect(node.called('makeAdmin')).toEqual([['makeAdmin', 'g1', ben.id]]);
  });

  test('gives who is no admin nothing that they may not do, and says who may', async () => {
    const members = [{ ...meAsMember, role: 'member' } as const, { ...ben, role: 'admin' } as const, cleo];
    await onPage({ role: 'member', members }, { role: 'member' });
    for (const id of ['member-remove', 'member-admin', 'member-add', 'group-rename', 'group-card-new', 'group-picture'])
      expect(hook(id), id).toBeNull();
    expect(root.querySelector('.group-role')?.textContent).toContain('Only admins invite and remove');
    expect(hook('group-leave')).not.toBeNull();
    expect(hook('group-mute')).not.toBeNull();
  });

  test('adds people with or without what was written before, as it says', async () => {
    const { node } = await onPage();
    await press('member-add');
    await until(() => document.activeElement?.id === 'add-people-title');
    await press('confirm-yes');
    await until(() => root.querySelector('.add-people [role="alert"]'));
    const dora = await until(() => all('group-pick').find((pick) => pick.textContent.includes('Dora')));
    expect(all('group-pick').find((pick) => pick.textContent.includes('Already in the group'))).toBeDefined();
    dora.click();
    await until(() => root.querySelector('.add-people [role="alert"]') === null);
    expect(hook('share-history')?.getAttribute('aria-checked')).toBe('false');
    await press('share-history');
    await until(() => hook('share-history')?.textContent.includes('cannot be taken back'));
    await press('confirm-yes');
    await until(() => hook('group-pick') === null);
    expect(node.called('addMembers')).toEqual([['addMembers', 'g1', ['c2'], true]]);
    await until(() => said() === 'member-add');
  });

  test('closes the adding with Escape before the page', async () => {
    const { app } = await onPage();
    await press('member-add');
    await find('group-pick');
    await userEvent.keyboard('{Escape}');
    await until(() => hook('group-pick') === null && said() === 'member-add');
    expect(app.navigation.screen.value.name).toBe('contact');
    await userEvent.keyboard('{Escape}');
    await find('message-input');
  });

  test('asks its last admin who follows, and tells the node', async () => {
    const { node } = await onPage();
    await press('group-leave');
    const successor = (await find('group-successor')) as HTMLSelectElement;
    expect([...successor.options].map(({ value }) => value)).toEqual([ben.id, cleo.id, '']);
    await userEvent.selectOptions(successor, cleo.id);
    await press('confirm-yes');
    await until(() => hook('group-leave') === null);
    expect(node.called('leaveGroup')).toEqual([['leaveGroup', 'g1', cleo.id]]);
  });

  test('offers nothing in a group that was left which only a member can do', async () => {
    await onPage({ standing: 'left', role: 'member', members: [ben, cleo] }, { standing: 'left' });
    expect(hook('member-ask')).toBeNull();
    expect(member(ben.number).textContent).toContain('Message');
  });

  test('lets anybody else leave after one question, and delete what is left', async () => {
    const members = [meAsMember, { ...ben, role: 'admin' } as const];
    const { node } = await onPage({ members });
    await press('group-leave');
    await press('confirm-yes');
    await until(() => hook('group-leave') === null);
    expect(node.called('leaveGroup')).toEqual([['leaveGroup', 'g1', undefined]]);
    await press('group-delete');
    await press('confirm-yes');
    await until(() => all('conversation').length === 2);
    expect(node.called('deleteGroup')).toEqual([['deleteGroup', 'g1']]);
  });

  test('renames, refuses no name, and mutes', async () => {
    const { node } = await onPage();
    await fill('group-rename', ' ');
    await press('group-rename-save');
    await until(() => hook('group-rename')?.getAttribute('aria-invalid') === 'true');
    await fill('group-rename', 'Sea');
    await press('group-rename-save');
    await until(() => node.called('renameGroup').length === 1);
    expect(node.called('renameGroup')).toEqual([['renameGroup', 'g1', 'Sea']]);
    await press('group-mute');
    await until(() => hook('group-mute')?.getAttribute('aria-checked') === 'true');
    await until(() => hook('conversation')?.textContent.includes('Muted'));
  });

  test('makes a card, draws it, and revokes it', async () => {
    const { node, platform } = await onPage();
    await userEvent.selectOptions((await find('group-card-uses')) ?? root, '49');
    await userEvent.selectOptions((await find('group-card-time')) ?? root, 'week');
    await press('group-card-new');
    const card = await find('group-card');
    expect(card?.dataset.card).toBe(sampleGroupCard);
    expect(card?.textContent).toBe(sampleGroupCard);
    expect(node.called('newGroupCard')).toEqual([['newGroupCard', 'g1', 49, 604_800_000]]);
    await userEvent.click(page.getByRole('button', { name: 'Copy card' }));
    await until(() => platform.clipboard === sampleGroupCard);
    await userEvent.click(page.getByRole('button', { name: 'Show as QR code' }));
    await find('group-card-qr');
    await press('group-card-revoke');
    await press('confirm-yes');
    await until(() => hook('group-card') === null);
  });

  test('answers who wants to join, and lets the switch do it', async () => {
    const requests = [{ id: 'j1', number: '173205080756887', name: 'Emil' }];
    const { node } = await onPage({ requests });
    expect((await find('join-request'))?.dataset.number).toBe('173205080756887');
    await press('join-accept');
    await until(() => hook('join-request') === null);
    await until(() => document.activeElement?.hasAttribute('data-screen-title'));
    expect(node.called('answerJoin')).toEqual([['answerJoin', 'g1', 'j1', 'accept']]);
    await press('group-admission');
    await until(() => hook('group-admission')?.getAttribute('aria-checked') === 'true');
    expect(node.called('setAdmission')).toEqual([['setAdmission', 'g1', 'by-itself']]);
  });

  test('explains what does not fit together, and marks who did it', async () => {
    await onPage({ members: [meAsMember, { ...ben, twoFaced: true }] }, { conflict: true });
    expect((await find('group-conflict'))?.textContent).toContain('exclude each other');
    expect(member(ben.number).textContent).toContain('Signed things that exclude each other');
  });

  test('keeps 50 members with the longest of names within a small screen, and finds one', async () => {
    await page.viewport(320, 568);
    const members = [
      meAsMember,
      ...Array.from({ length: 49 }, (_, index) =>
        aMember(index + 2, index % 2 === 0 ? 'W'.repeat(64) : `محمد ${index}`),
      ),
    ];
    await onPage({ members });
    await until(() => all('group-member').length === 50);
    for (const line of all('group-member')) {
      for (const part of [line, ...line.querySelectorAll('*')]) {
        const { left, right } = part.getBoundingClientRect();
        expect(left, part.className.toString()).toBeGreaterThanOrEqual(-0.5);
        expect(right, part.className.toString()).toBeLessThanOrEqual(320.5);
      }
    }
    const search = root.querySelector<HTMLInputElement>('input[type="search"]') ?? root;
    await userEvent.fill(search, 'محمد 47');
    await until(() => all('group-member').length === 1);
  });
});

describe('the card of a group', () => {
  test('leads to a question before anybody is asked, and Escape takes it back', async () => {
    const { node, app } = await start(contacts);
    await press('add-contact');
    await press('pair-tab-text');
    await fill('their-card', sampleGroupCard);
    await press('pair-submit');
    await find('group-join');
    expect(node.called('takeCard')).toEqual([]);
    await userEvent.keyboard('{Escape}');
    await until(() => hook('group-join') === null);
    expect(app.navigation.screen.value.name).toBe('add-contact');
    await press('pair-submit');
    await press('group-join');
    await until(() => node.called('takeCard').length === 1);
    expect(node.called('takeCard')).toEqual([['takeCard', sampleGroupCard]]);
    node.change({ attempts: [{ id: 'a1', state: 'waiting', kind: null, startedAt: 0, way: 'group' }] });
    await until(() => hook('pair-attempt')?.textContent.includes('whoever made the group’s card'));
    node.change({ attempts: [], conversations: [aGroup('g1'), ...contacts] });
    await find('group-info');
  });
});
