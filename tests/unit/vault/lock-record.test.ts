// The lock record: what a passphrase opens, what it says when it does not, and Argon2id as it is really used.
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { toHex } from '../../../src/core/bytes/hex.ts';
import { derivePassphraseKey } from '../../../src/core/identity/argon2.ts';
import {
  decodeLockRecord,
  LOCK_COST,
  LOCK_RECORD_BYTES,
  type LockRecord,
  unwrapDataKey,
  wrapDataKey,
} from '../../../src/core/vault/lock-record.ts';
import { checkPassphrase } from '../../../src/core/vault/passphrase.ts';
import { quickKey, quickWrapping } from '../../fixtures/quick-key.ts';

const dataKey = new Uint8Array(32).fill(7);

test('opens with the passphrase, under the Argon2id of RFC 9106’s second recommendation', async () => {
  const bytes = await wrapDataKey({ derive: derivePassphraseKey, random: systemRandom }, 'correct horse', dataKey, 1);
  expect(bytes).toHaveLength(LOCK_RECORD_BYTES);
  const record = (await decodeLockRecord(bytes)) as LockRecord;
  expect(record.cost).toEqual({ memory: 65_536, passes: 3, lanes: 4 });
  expect(LOCK_COST).toEqual(record.cost);
  expect(await unwrapDataKey(derivePassphraseKey, 'correct horse', record)).toEqual(dataKey);
  await expect(unwrapDataKey(derivePassphraseKey, 'correct house', record)).rejects.toMatchObject({
    kind: 'passphrase-wrong',
  });
  await expect(unwrapDataKey(derivePassphraseKey, '', record)).rejects.toMatchObject({ kind: 'passphrase-empty' });
});

// Made with OpenSSL's Argon2id: memory 256 KiB, 3 passes, 4 lanes, 32 bytes.
test('derives what another implementation derives', async () => {
  const salt = new TextEncoder().encode('somesaltsomesalt');
  const key = await derivePassphraseKey('password', salt, { memory: 256, passes: 3, lanes: 4 });
  expect(toHex(key)).toBe('3ae75675fc1875866526c8f930cb40d6fe751ec0bea5ad3052bafca5369373b3');
});

test('no two records of one passphrase are alike, and none holds the data key', async () => {
  const [one, two] = [
    await wrapDataKey(quickWrapping, 'correct horse', dataKey, 1),
    await wrapDataKey(quickWrapping, 'correct horse', dataKey, 1),
  ];
  expect(toHex(one)).not.toBe(toHex(two));
  expect(toHex(one)).not.toContain(toHex(dataKey));
});

test('changed in any part that counts, and summed anew by whoever changed it, it does not open', async () => {
  const bytes = await wrapDataKey(
    { ...quickWrapping, cost: { memory: 8, passes: 1, lanes: 1 } },
    'correct horse',
    dataKey,
    1,
  );
  for (let at = 10; at < bytes.length - 32; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    changed.set(new Uint8Array(await crypto.subtle.digest('SHA-256', changed.slice(0, -32))), changed.length - 32);
    const record = (await decodeLockRecord(changed)) as LockRecord;
    await expect(unwrapDataKey(quickKey, 'correct horse', record)).rejects.toMatchObject({
      kind: expect.stringMatching(/passphrase-wrong|lock-damaged/),
    });
  }
});

test('asking for more memory or time than any of ours is damaged, before anything is derived', async () => {
  for (const cost of [
    { memory: 0xffff_ffff, passes: 3, lanes: 4 },
    { memory: 65_536, passes: 0, lanes: 4 },
    { memory: 65_536, passes: 3, lanes: 1_000 },
  ]) {
    const record = (await decodeLockRecord(
      await wrapDataKey({ ...quickWrapping, cost }, 'x', dataKey, 1),
    )) as LockRecord;
    const never = () => Promise.reject(new Error('derived'));
    await expect(unwrapDataKey(never, 'x', record)).rejects.toMatchObject({ kind: 'lock-damaged' });
  }
});

test('a passphrase is refused for being short, long, or the same few characters; nothing else is asked of it', () => {
  const refused = (passphrase: string, kind: string) =>
    expect(() => checkPassphrase(passphrase)).toThrow(expect.objectContaining({ kind }));
  refused('', 'passphrase-short');
  refused('1234567', 'passphrase-short');
  refused('👍👎👌🙏🤝👏🙌', 'passphrase-short');
  refused('a'.repeat(1025), 'passphrase-long');
  refused('abababababab', 'passphrase-simple');
  // Counted as it is used: spaces are one character, and so is a letter with its accent.
  refused('\u0020\u00a0\u2003\u3000\u2002\u2009\u205f\u202f', 'passphrase-simple');
  refused('a\u0300e\u0301i\u0302o\u0303', 'passphrase-short');
  for (const good of ['12345678', 'correct horse battery staple', '   four words  ', 'пароль из слов'])
    checkPassphrase(good);
});
