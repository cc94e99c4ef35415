import { describe, expect, it } from 'vitest';
import { DRAFT_DELAY } from '../../../src/app/composer.ts';
import { MAX_FILE_BYTES, MAX_TEXT_BYTES } from '../../../src/core/wire/limits.ts';
import { aConversation, emptySnapshot } from '../../fixtures/fake-node.ts';
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

describe('drafts', () => {
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
