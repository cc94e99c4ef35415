import { expect, test } from 'vitest';
import { RecentRecords } from '../../../src/core/chat/recent.ts';

const value = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

test('what was committed last is there, until it is removed or cleared', () => {
  const recent = new RecentRecords();
  recent.committed([
    { put: 'messages', key: 'ana/1', value: value(3) },
    { put: 'messages', key: 'ben/1', value: value(4) },
    { put: 'message-keys', key: 'ana/1', value: value(5) },
  ]);
  recent.committed([{ put: 'messages', key: 'ana/1', value: value(6) }]);
  expect(recent.get('messages', 'ana/1')).toEqual(value(6));
  recent.committed([{ remove: 'messages', key: 'ben/1' }]);
  expect(recent.get('messages', 'ben/1')).toBeUndefined();
  recent.committed([{ clear: 'messages', prefix: 'ana/' }]);
  expect(recent.get('messages', 'ana/1')).toBeUndefined();
  expect(recent.get('message-keys', 'ana/1')).toEqual(value(5));
});

test('the oldest go when there are more than 64 KiB', () => {
  const recent = new RecentRecords();
  const keys = Array.from({ length: 70 }, (_, index) => `ana/${index}`);
  for (const key of keys) recent.committed([{ put: 'messages', key, value: value(1024) }]);
  expect(keys.filter((key) => recent.get('messages', key))).toEqual(keys.slice(6));
});

test('64 KiB are kept, however often they were written anew, and one byte more is not', () => {
  const recent = new RecentRecords();
  const put = (key: string, length: number) => recent.committed([{ put: 'messages', key, value: value(length) }]);
  put('ana/1', 16_384);
  for (let n = 0; n < 10; n += 1) put('ana/2', 49_152);
  expect(recent.get('messages', 'ana/1')).toEqual(value(16_384));
  recent.committed([{ remove: 'messages', key: 'ana/3' }]);
  put('ana/3', 0);
  expect(recent.get('messages', 'ana/1')).toEqual(value(16_384));
  put('ana/3', 1);
  expect(recent.get('messages', 'ana/1')).toBeUndefined();
  expect(recent.get('messages', 'ana/2')).toEqual(value(49_152));
});

test('what was removed or cleared makes room', () => {
  const recent = new RecentRecords();
  const put = (key: string) => recent.committed([{ put: 'messages', key, value: value(32_768) }]);
  put('ana/1');
  put('ana/2');
  recent.committed([{ remove: 'messages', key: 'ana/2' }]);
  put('ben/1');
  expect(recent.get('messages', 'ana/1')).toEqual(value(32_768));
  recent.committed([{ clear: 'messages', prefix: 'ben/' }]);
  put('ana/3');
  expect(recent.get('messages', 'ana/1')).toEqual(value(32_768));
  expect(recent.get('messages', 'ana/3')).toEqual(value(32_768));
});
