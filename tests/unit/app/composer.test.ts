import { describe, expect, it } from 'vitest';
import { type Composer, DRAFT_DELAY } from '../../../src/app/composer.ts';
import type { Result } from '../../../src/core/node-api.ts';
import { MAX_FILE_BYTES, MAX_TEXT_BYTES } from '../../../src/core/wire/limits.ts';
import { aConversation, emptySnapshot, type FakeNode } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const snapshot = { ...emptySnapshot, conversations: [aConversation('c1'), aConversation('c2')] };

async function openConversation(prepare?: Parameters<typeof startApp>[1]) {
  const started = await startApp(snapshot, prepare);
  started.app.navigation.open({ name: 'conversation', id: 'c1' });
  await settled();
  const conversation = started.app.conversation('c1');
  return { ...started, conversation, composer: conversation.composer };
}

function fileOf(name: string, size: number, type = 'application/octet-stream'): File {
  const file = new File(['x'], name, { type });
  Object.defineProperty(file, 'size', { value: size });
  return file;
}

describe('the composer', () => {
  it('sends text and is empty again', async () => {
    const { composer, conversation, node } = await openConversation();
    composer.type('hello');
    await conversation.send();
    expect(node.called('sendText')).toEqual([['sendText', 'c1', 'hello']]);
    expect(composer.text.value).toBe('');
    expect(composer.canSend.value).toBe(false);
  });

  it('sends nothing for spaces alone', async () => {
    const { composer, conversation, node } = await openConversation();
    composer.type('  \n ');
    expect(composer.canSend.value).toBe(false);
    await conversation.send();
    expect(node.called('sendText')).toEqual([]);
  });

  it('keeps the order in which Enter was pressed', async () => {
    const { composer, conversation, node } = await openConversation();
    const sending = ['one', 'two', 'three'].map((text) => {
      composer.type(text);
      return conversation.send();
    });
    await Promise.all(sending);
    expect(node.called('sendText').map(([, , text]) => text)).toEqual(['one', 'two', 'three']);
  });

  it('takes a text of exactly 64 KiB in UTF-8 and refuses one byte more, keeping it', async () => {
    const { composer, conversation, node } = await openConversation();
    const largest = 'é'.repeat(MAX_TEXT_BYTES / 2);
    composer.type(largest);
    await conversation.send();
    expect(node.called('sendText')).toHaveLength(1);
    composer.type(`${largest}!`);
    await conversation.send();
    expect(composer.error.value?.kind).toBe('message-too-long');
    expect(composer.text.value).toBe(`${largest}!`);
    expect(node.called('sendText')).toHaveLength(1);
  });

  it('lets several files wait until Send, then sends them after the text', async () => {
    const { composer, conversation, node } = await openConversation();
    await composer.addFiles([fileOf('a.txt', 0), fileOf('b.txt', 5)]);
    expect(composer.canSend.value).toBe(true);
    expect(node.called('sendFiles')).toEqual([]);
    composer.type('here');
    await conversation.send();
    expect(node.calls.filter(([name]) => name.startsWith('send'))).toEqual([
      ['sendText', 'c1', 'here'],
      ['sendFiles', 'c1', ['a.txt']],
      ['sendFiles', 'c1', ['b.txt']],
    ]);
    expect(composer.files.value).toEqual([]);
  });

  it('takes a file of exactly the limit and refuses one byte more, naming it and not keeping it', async () => {
    const { composer } = await openConversation();
    await composer.addFiles([fileOf('most.bin', MAX_FILE_BYTES), fileOf('more.bin', MAX_FILE_BYTES + 1)]);
    expect(composer.files.value.map(({ file }) => file.name)).toEqual(['most.bin']);
    expect(composer.error.value).toEqual({
      kind: 'file-too-large',
      detail: { limit: MAX_FILE_BYTES },
      fileName: 'more.bin',
    });
  });

  it('says of every file why it was refused', async () => {
    const { composer } = await openConversation((_, platform) => platform.unreadable.add('folder'));
    await composer.addFiles([
      fileOf('one.bin', MAX_FILE_BYTES + 1),
      fileOf('folder', 4096),
      fileOf('two.bin', MAX_FILE_BYTES + 1),
    ]);
    expect(composer.errors.value.map(({ kind, fileName }) => [fileName, kind])).toEqual([
      ['one.bin', 'file-too-large'],
      ['folder', 'file-unreadable'],
      ['two.bin', 'file-too-large'],
    ]);
    composer.dismissError();
    expect(composer.error.value).toBeNull();
  });

  it('takes no text from the clipboard that could never be sent', async () => {
    const { composer } = await openConversation();
    expect(composer.takes('a'.repeat(MAX_TEXT_BYTES + 1))).toBe(false);
    expect(composer.error.value?.kind).toBe('message-too-long');
    expect(composer.takes('a'.repeat(MAX_TEXT_BYTES))).toBe(true);
  });

  it('refuses a folder or a file that moved away', async () => {
    const { composer } = await openConversation((_, platform) => platform.unreadable.add('folder'));
    await composer.addFiles([fileOf('folder', 4096)]);
    expect(composer.error.value?.kind).toBe('file-unreadable');
    expect(composer.canSend.value).toBe(false);
  });

  it('clears the alert when the next attempt begins', async () => {
    const { composer } = await openConversation();
    await composer.addFiles([fileOf('more.bin', MAX_FILE_BYTES + 1)]);
    composer.type('x');
    expect(composer.error.value).toBeNull();
  });

  it('gives back a text that the node refused, in front of what was typed since', async () => {
    const { composer, conversation, node } = await openConversation();
    node.answers.set('sendText', { ok: false, kind: 'disk-full', detail: {} });
    composer.type('first');
    const sending = conversation.send();
    composer.type('second');
    await sending;
    expect(composer.text.value).toBe('first\nsecond');
    expect(composer.error.value?.kind).toBe('disk-full');
  });

  it('forgets that one was outside a group once one may write there again, and nothing else that was refused', async () => {
    const { composer, conversation, node } = await openConversation();
    node.answers.set('sendFiles', { ok: false, kind: 'group-not-member', detail: {} });
    node.answers.set('prepareFile', { ok: false, kind: 'group-not-member', detail: {} });
    await composer.addFiles([fileOf('a.txt', 1), fileOf('b.txt', 1)]);
    await conversation.send();
    await settled();
    expect(composer.error.value?.kind).toBe('group-not-member');
    node.answers.delete('prepareFile');
    composer.resume();
    await settled();
    expect(composer.error.value).toBeNull();
    expect(composer.files.value.map(({ state, error }) => [state, error])).toEqual([
      ['prepared', null],
      ['prepared', null],
    ]);
    node.answers.set('sendFiles', { ok: false, kind: 'disk-full', detail: {} });
    await conversation.send();
    composer.resume();
    expect([composer.error.value?.kind, composer.files.value[0]?.state]).toEqual(['disk-full', 'failed']);
  });

  it('keeps files that the disk had no room for, but not those that are too large', async () => {
    const { composer, conversation, node } = await openConversation();
    node.answers.set('sendFiles', { ok: false, kind: 'disk-full', detail: {} });
    await composer.addFiles([fileOf('a.txt', 1)]);
    await conversation.send();
    expect(composer.files.value).toHaveLength(1);
    node.answers.set('sendFiles', { ok: false, kind: 'file-too-large', detail: { limit: 1 } });
    await conversation.send();
    expect(composer.files.value).toHaveLength(0);
    expect(composer.error.value?.kind).toBe('file-too-large');
  });

  it('says of a file that cannot be read any more that it changed, does not keep it, and sends the others once', async () => {
    const { composer, conversation, node, platform } = await openConversation();
    await composer.addFiles([fileOf('gone.txt', 1), fileOf('here.txt', 1)]);
    platform.unreadable.add('gone.txt');
    const send = node.sendFiles.bind(node);
    node.sendFiles = (id, files) =>
      files[0]?.file.name === 'gone.txt'
        ? Promise.resolve({ ok: false, kind: 'file-unreadable', detail: {} })
        : send(id, files);
    await conversation.send();
    expect(composer.error.value).toEqual({ kind: 'file-changed', detail: {}, fileName: 'gone.txt' });
    expect(composer.files.value).toEqual([]);
    expect(node.calls.filter(([name]) => name === 'sendFiles').at(-1)).toEqual(['sendFiles', 'c1', ['here.txt']]);
  });

  it('frees the preview of a picture that is removed again', async () => {
    const { composer, platform } = await openConversation();
    await composer.addFiles([fileOf('a.png', 1, 'image/png')]);
    await settled();
    expect(platform.urls.size).toBe(1);
    composer.removeFile(composer.files.value[0]?.id ?? -1);
    expect(platform.urls.size).toBe(0);
  });
});

describe('a file that waits', () => {
  const prepared = (node: FakeNode) =>
    node.called('prepareFile').map(([, , id, name, asFile]) => ({ id, name, asFile }));
  const discarded = (node: FakeNode) => node.called('discardFile').map(([, , id]) => id);
  const states = (composer: Composer) => composer.files.value.map(({ state }) => state);

  it('is prepared as soon as it is there, and sent as what was prepared', async () => {
    const { composer, conversation, node } = await openConversation();
    await composer.addFiles([fileOf('a.txt', 1), fileOf('b.png', 1, 'image/png')]);
    await settled();
    expect(states(composer)).toEqual(['prepared', 'prepared']);
    const [a, b] = prepared(node);
    expect([a, b]).toMatchObject([
      { name: 'a.txt', asFile: false },
      { name: 'b.png', asFile: false },
    ]);
    expect(a?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(a?.id).not.toBe(b?.id);
    await conversation.send();
    expect(node.sent.map(({ messageId }) => messageId)).toEqual([a?.id, b?.id]);
    expect(prepared(node)).toHaveLength(2);
    expect(discarded(node)).toEqual([]);
  });

  it('may be sent while it is being prepared', async () => {
    const { composer, conversation, node } = await openConversation();
    let open = (): void => undefined;
    node.sealGate = new Promise((resolve) => {
      open = resolve;
    });
    await composer.addFiles([fileOf('a.txt', 1)]);
    expect(states(composer)).toEqual(['preparing']);
    await conversation.send();
    expect(node.sent).toMatchObject([{ messageId: prepared(node)[0]?.id }]);
    open();
    await settled();
    expect(composer.files.value).toEqual([]);
    expect(composer.error.value).toBeNull();
  });

  it('that is removed is discarded', async () => {
    const { composer, node } = await openConversation();
    await composer.addFiles([fileOf('a.txt', 1)]);
    composer.removeFile(composer.files.value[0]?.id ?? -1);
    expect(discarded(node)).toEqual([prepared(node)[0]?.id]);
  });

  it('that is to go in another way is discarded and prepared afresh under another id', async () => {
    const { composer, conversation, node } = await openConversation();
    await composer.addFiles([fileOf('a.png', 1, 'image/png')]);
    const chip = composer.files.value[0]?.id ?? -1;
    composer.sendAsFile(chip, true);
    composer.sendAsFile(chip, true);
    await settled();
    const [first, second, ...more] = prepared(node);
    expect([first?.asFile, second?.asFile, more]).toEqual([false, true, []]);
    expect(first?.id).not.toBe(second?.id);
    expect(discarded(node)).toEqual([first?.id]);
    expect(states(composer)).toEqual(['prepared']);
    await conversation.send();
    expect(node.sent).toMatchObject([{ messageId: second?.id, asFile: true }]);
  });

  it('is told what its own choice came to, not what an earlier one did', async () => {
    const { composer, node } = await openConversation();
    const answers: ((result: Result) => void)[] = [];
    node.prepareFile = () => new Promise((resolve) => answers.push(resolve));
    await composer.addFiles([fileOf('a.png', 1, 'image/png')]);
    composer.sendAsFile(composer.files.value[0]?.id ?? -1, true);
    answers[0]?.({ ok: false, kind: 'photo-unreadable', detail: {} });
    await settled();
    expect(states(composer)).toEqual(['preparing']);
    answers[1]?.({ ok: true, value: undefined });
    await settled();
    expect(states(composer)).toEqual(['prepared']);
  });

  it('says at once why it cannot be sent; "As a file" is the way out of a photo that cannot be cleaned', async () => {
    const { composer, node } = await openConversation((fake) =>
      fake.answers.set('prepareFile', { ok: false, kind: 'photo-unreadable', detail: {} }),
    );
    await composer.addFiles([fileOf('odd.png', 1, 'image/png')]);
    await settled();
    expect(composer.files.value).toMatchObject([{ state: 'failed', error: { kind: 'photo-unreadable' } }]);
    expect(composer.canSend.value).toBe(true);
    node.answers.delete('prepareFile');
    composer.sendAsFile(composer.files.value[0]?.id ?? -1, true);
    await settled();
    expect(composer.files.value).toMatchObject([{ state: 'prepared', error: null }]);
  });

  it('that failed and is sent nevertheless is refused as it ever was', async () => {
    const refused = { ok: false, kind: 'photo-unreadable', detail: {} } as const;
    const { composer, conversation } = await openConversation((fake) => {
      fake.answers.set('prepareFile', refused);
      fake.answers.set('sendFiles', refused);
    });
    await composer.addFiles([fileOf('odd.png', 1, 'image/png')]);
    await settled();
    await conversation.send();
    expect(composer.error.value).toEqual({ kind: 'photo-unreadable', detail: {}, fileName: 'odd.png' });
    expect(composer.files.value).toEqual([]);
  });

  it('that cannot be read any more when its turn comes has changed', async () => {
    const { composer, node, platform } = await openConversation();
    node.prepareFile = async () => {
      platform.unreadable.add('gone.txt');
      return { ok: false, kind: 'file-unreadable', detail: {} };
    };
    await composer.addFiles([fileOf('gone.txt', 1)]);
    await settled();
    expect(composer.files.value).toMatchObject([{ state: 'failed', error: { kind: 'file-changed' } }]);
  });

  it('that found no room waits on, in front of what was chosen since, and those after it are still prepared', async () => {
    const { composer, conversation, node } = await openConversation();
    await composer.addFiles([fileOf('a.png', 1, 'image/png'), fileOf('b.txt', 1)]);
    node.answers.set('sendFiles', { ok: false, kind: 'disk-full', detail: {} });
    const sending = conversation.send();
    await composer.addFiles([fileOf('c.txt', 1)]);
    await sending;
    await settled();
    expect(composer.files.value.map(({ file, state }) => [file.name, state])).toEqual([
      ['a.png', 'failed'],
      ['b.txt', 'prepared'],
      ['c.txt', 'prepared'],
    ]);
    expect(composer.files.value[0]?.previewUrl).not.toBeNull();
    expect(discarded(node)).toEqual([]);
    node.answers.delete('sendFiles');
    await conversation.send();
    const [a, b, c, again] = prepared(node).map(({ id }) => id);
    expect(again).toBe(b);
    expect(new Set(node.sent.map(({ messageId }) => messageId))).toEqual(new Set([a, b, c]));
  });

  it('is prepared again when the conversation is cleared', async () => {
    const { composer, node } = await openConversation();
    await composer.addFiles([fileOf('a.txt', 1)]);
    await settled();
    await node.clearConversation('c1');
    await settled();
    const ids = prepared(node).map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
    expect(states(composer)).toEqual(['prepared']);
  });

  it('is discarded when the page is left, and still waits should it come back', async () => {
    const { composer, node, platform } = await openConversation();
    await composer.addFiles([fileOf('a.txt', 1)]);
    platform.hide();
    expect(discarded(node)).toEqual([]);
    platform.leave();
    expect(discarded(node)).toEqual([prepared(node)[0]?.id]);
    expect(composer.files.value).toHaveLength(1);
  });

  it('goes with its conversation, preview and all, also one that was still being looked at', async () => {
    const { composer, node, platform } = await openConversation();
    await composer.addFiles([fileOf('a.png', 1, 'image/png')]);
    await settled();
    expect(platform.urls.size).toBe(1);
    const adding = composer.addFiles([fileOf('late.png', 1, 'image/png')]);
    await node.removeContact('c1');
    await adding;
    await settled();
    expect(platform.urls.size).toBe(0);
    expect(composer.files.value).toEqual([]);
    expect(discarded(node)).toEqual(prepared(node).map(({ id }) => id));
  });
});

describe('drafts', () => {
  const elsewhere = (node: FakeNode, text: string) => node.emit({ type: 'draft', conversationId: 'c1', text });

  it('follow another tab until one types here, and again once what is here is kept', async () => {
    const { composer, node } = await openConversation();
    elsewhere(node, 'from the other');
    expect(composer.text.value).toBe('from the other');
    elsewhere(node, '');
    expect(composer.text.value).toBe('');
    composer.type('mine');
    elsewhere(node, 'theirs');
    expect(composer.text.value).toBe('mine');
    composer.flush();
    expect(node.drafts.get('c1')).toBe('mine');
    elsewhere(node, 'theirs again');
    expect(composer.text.value).toBe('theirs again');
  });

  it('are followed also behind a write of this tab that nobody tells of, or tells of late', async () => {
    const { composer, node } = await openConversation();
    let tell = (): void => {};
    node.setDraft = (_, text) => {
      tell = () => elsewhere(node, text);
      return Promise.resolve();
    };
    composer.type('mine');
    composer.flush();
    elsewhere(node, 'theirs');
    tell();
    elsewhere(node, '');
    expect(composer.text.value).toBe('');
    // Of this one nothing is told.
    composer.type('mine again');
    composer.flush();
    await settled();
    elsewhere(node, 'theirs');
    expect(composer.text.value).toBe('theirs');
  });

  it('that come while the draft is being read are newer than it', async () => {
    const { app, node } = await startApp(snapshot);
    let answer = (_: string): void => {};
    node.draft = () => new Promise((resolve) => (answer = resolve));
    app.navigation.open({ name: 'conversation', id: 'c1' });
    await settled();
    elsewhere(node, '');
    answer('sent already');
    await settled();
    expect(app.conversation('c1').composer.text.value).toBe('');
  });

  it('of another tab that come while a text is on its way are not thrown away with it', async () => {
    const { composer, conversation, node } = await openConversation();
    composer.type('mine');
    composer.flush();
    const sending = conversation.send();
    elsewhere(node, 'theirs');
    await sending;
    expect([composer.text.value, node.drafts.get('c1')]).toEqual(['theirs', 'mine']);
  });

  it('of this tab that are told late change nothing', async () => {
    const { composer, node } = await openConversation();
    const told: string[] = [];
    node.setDraft = async (_, text) => void told.push(text);
    for (const text of ['a', 'ab', 'a']) {
      composer.type(text);
      composer.flush();
    }
    for (const text of told.splice(0)) {
      elsewhere(node, text);
      expect(composer.text.value).toBe('a');
    }
    elsewhere(node, 'theirs');
    expect(composer.text.value).toBe('theirs');
  });

  it('are written while one types, however fast, but not at every key', async () => {
    const { composer, node, platform } = await openConversation();
    for (let length = 1; length <= 10; length += 1) {
      composer.type('a thought '.slice(0, length));
      platform.advance(DRAFT_DELAY / 5);
    }
    expect(node.called('setDraft')).toEqual([
      ['setDraft', 'c1', 'a tho'],
      ['setDraft', 'c1', 'a thought '],
    ]);
    platform.advance(DRAFT_DELAY * 2);
    expect(node.called('setDraft')).toHaveLength(2);
  });

  it('are written at once when the page is hidden or another conversation opens', async () => {
    const { app, composer, node, platform } = await openConversation();
    composer.type('half a th');
    platform.hide();
    expect(node.drafts.get('c1')).toBe('half a th');
    composer.type('half a thought');
    app.navigation.open({ name: 'conversation', id: 'c2' });
    expect(node.drafts.get('c1')).toBe('half a thought');
  });

  it('come back, unless something was typed meanwhile', async () => {
    const { composer } = await openConversation((node) => node.drafts.set('c1', 'from yesterday'));
    expect(composer.text.value).toBe('from yesterday');
    const { app, node } = await startApp(snapshot);
    node.drafts.set('c1', 'from yesterday');
    app.navigation.open({ name: 'conversation', id: 'c1' });
    app.conversation('c1').composer.type('new');
    await settled();
    expect(app.conversation('c1').composer.text.value).toBe('new');
  });

  it('are gone once the message is sent', async () => {
    const { composer, conversation, node } = await openConversation((fake) => fake.drafts.set('c1', 'old'));
    composer.type('old and new');
    await conversation.send();
    expect(node.drafts.get('c1')).toBe('');
  });
});
