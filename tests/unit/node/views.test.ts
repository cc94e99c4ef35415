// What screens are told of what somebody else wrote.
import { expect, it } from 'vitest';
import type { MessageRecord } from '../../../src/core/chat/records.ts';
import { emptyConversation } from '../../../src/core/chat/records.ts';
import type { Contact } from '../../../src/core/node/contact-book.ts';
import { conversationView, messageView } from '../../../src/core/node/views.ts';

const received = (name: string, mediaType: string): MessageRecord => ({
  v: 1,
  id: new Uint8Array(16),
  direction: 'in',
  seq: 1,
  seen: 0,
  at: 1,
  sentAt: 1,
  text: '',
  file: {
    fileId: new Uint8Array(16),
    key: new Uint8Array(32),
    name,
    mediaType,
    size: 1,
    units: 1,
    sha256: new Uint8Array(32),
  },
  fileState: 'waiting',
  state: 'delivered',
  everSent: true,
  missingBefore: 0,
});

const attachment = (name: string, mediaType = 'image/png') =>
  messageView('c', { position: 1, record: received(name, mediaType) }, undefined, '', undefined).attachment;

it.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\evil.exe', 'evil.exe'],
  ['holiday\u202egpj.exe', 'holidaygpj.exe'],
  ['\u200b\u2066', 'file'],
])('a received file named %j is shown and saved as %j, whatever its sender cleaned', (name, shown) => {
  expect(attachment(name)?.name).toBe(shown);
});

it.each([
  ['image/heic', 'image'],
  ['video/mp4', 'video'],
  ['audio/ogg', 'audio'],
  ['application/pdf', 'document'],
  ['nonsense', 'document'],
])('what is declared as %s gets the icon of: %s, whatever it is called', (mediaType, kind) => {
  expect(attachment('photo.exe', mediaType)?.kind).toBe(kind);
});

it('a declared type that is none is shown as bytes', () => {
  expect(attachment('a', 'image/png\u202e<b>')?.type).toBe('application/octet-stream');
  expect(attachment('a', 'image/png')?.type).toBe('image/png');
});

const inTheList = (record: MessageRecord) =>
  conversationView({} as Contact, emptyConversation(0), { position: 1, record }, { presence: 'offline', route: 'none' })
    .last;

it('the list names a file by its cleaned name, short enough for a line', () => {
  expect(inTheList(received('beach.jpg', 'image/jpeg'))).toMatchObject({ attachment: 'image', fileName: 'beach.jpg' });
  expect(inTheList(received('../a\u202egpj.exe', 'image/jpeg'))?.fileName).toBe('agpj.exe');
  expect(inTheList(received('x'.repeat(200), 'image/jpeg'))?.fileName).toBe('x'.repeat(60));
  const { file: _, ...text } = received('', '');
  expect(inTheList({ ...text, text: 'words' })).toMatchObject({ attachment: null, fileName: '', text: 'words' });
});
