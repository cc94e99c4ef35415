// The power goes at every step of setting, changing and taking away a passphrase, and again at every step of the next start. Nothing is
// lost, one place is left, and one passphrase (or none) opens it: the old one or the new one.
import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import type { StoredVault } from '../../../src/adapters/indexeddb/protection.ts';
import type { MemoryFiles } from '../../../src/adapters/memory/blob-store.ts';
import { contents, Disk, expected, OTHER, PASSPHRASE, sorted, writes } from './vault-disk.ts';

const few = writes.slice(0, 4);
const fewExpected = sorted(
  new Map(
    few.flatMap((write) =>
      'put' in write ? [[`${write.put} ${write.key}`, expected.get(`${write.put} ${write.key}`) ?? '']] : [],
    ),
  ),
);

/** Counts what a page asks of files and databases; from a certain step on nothing is done and every answer is a failure. */
class Power {
  steps = 0;
  /** The last step that is still done. */
  left = Number.POSITIVE_INFINITY;
  readonly #undo: (() => void)[] = [];

  constructor(files: MemoryFiles) {
    const step = () => {
      if (++this.steps > this.left) throw new DOMException('power cut', 'UnknownError');
    };
    const open = files.open.bind(files);
    files.open = async (name, create) => {
      step();
      const file = await open(name, create);
      if (!file) return file;
      const write = (bytes: Uint8Array, at: number) => {
        step();
        return file.write(bytes, at);
      };
      const flush = () => {
        step();
        file.flush();
      };
      return { ...file, write, flush };
    };
    const remove = files.remove.bind(files);
    files.remove = async (name) => {
      step();
      return remove(name);
    };
    this.#undo.push(() => Object.assign(files, { open, remove }));
    this.#watch(IDBFactory.prototype, 'open', step);
    this.#watch(IDBFactory.prototype, 'deleteDatabase', step);
    this.#watch(IDBDatabase.prototype, 'transaction', step);
  }

  #watch<T extends object, K extends keyof T>(owner: T, name: K, step: () => void): void {
    const original = owner[name] as (...args: unknown[]) => unknown;
    owner[name] = function (this: unknown, ...args: unknown[]) {
      // The database itself asks for these while it opens.
      if (args[1] !== 'versionchange') step();
      return original.apply(this, args);
    } as T[K];
    this.#undo.push(() => {
      owner[name] = original as T[K];
    });
  }

  back(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}

let power: Power | undefined;
afterEach(() => power?.back());

interface Change {
  readonly change: (vault: StoredVault) => Promise<void>;
  /** Given at the start; null: none is set. */
  readonly before: string | null;
  readonly after: string | null;
}

const changes: Readonly<Record<string, Change>> = {
  setting: { change: (vault) => vault.setPassphrase(PASSPHRASE), before: null, after: PASSPHRASE },
  changing: { change: (vault) => vault.changePassphrase(PASSPHRASE, OTHER), before: PASSPHRASE, after: OTHER },
  removing: { change: (vault) => vault.removePassphrase(), before: PASSPHRASE, after: null },
};

/** Opens with whichever of the two passphrases does; says which. */
async function openEither(disk: Disk, { before, after }: Change): Promise<string | null> {
  for (const passphrase of [after, before]) {
    const opened = await disk.open(passphrase ?? 'no passphrase').catch((error: { kind?: string }) => {
      if (error.kind !== 'passphrase-wrong') throw error;
      return undefined;
    });
    if (!opened) continue;
    expect(sorted(await contents(opened.store))).toEqual(fewExpected);
    opened.store.close();
    return opened.wasLocked ? passphrase : null;
  }
  throw new Error('neither passphrase opens it');
}

async function prepared(change: Change): Promise<{ disk: Disk; vault: StoredVault; close: () => void }> {
  const disk = new Disk();
  const { store, vault } = await disk.filled(few);
  if (change.before !== null) await vault.setPassphrase(change.before);
  return { disk, vault, close: () => store.close() };
}

/** @returns How many steps there were in all, when the change went through. */
async function changeUntil(disk: Disk, vault: StoredVault, change: Change, left: number): Promise<number | undefined> {
  power = new Power(disk.files);
  power.left = left;
  const done = await change.change(vault).then(
    () => true,
    () => false,
  );
  const { steps } = power;
  power.back();
  return done && steps <= left ? steps : undefined;
}

test.each(Object.keys(changes))('%s: at every step', async (name) => {
  const change = changes[name] as Change;
  const outcomes: (string | null)[] = [];
  for (let left = 0; ; left++) {
    const { disk, vault, close } = await prepared(change);
    const whole = await changeUntil(disk, vault, change, left);
    close();
    outcomes.push(await openEither(disk, change));
    expect(await disk.databases()).toHaveLength(1);
    expect(disk.files.files.size).toBe(1);
    if (whole === undefined) continue;
    expect(whole).toBeGreaterThan(6);
    break;
  }
  // As before up to the step at which the change counts, and after it from there on.
  const turn = outcomes.indexOf(change.after);
  expect(turn).toBeGreaterThan(2);
  expect(outcomes.slice(0, turn).every((outcome) => outcome === change.before)).toBe(true);
  expect(outcomes.slice(turn).every((outcome) => outcome === change.after)).toBe(true);
});

test.each(Object.keys(changes))('%s: at every step, and at every step of the start after it', async (name) => {
  const change = changes[name] as Change;
  for (let left = 1; ; left += 5) {
    let whole: number | undefined;
    for (let again = 0; ; again++) {
      const { disk, vault, close } = await prepared(change);
      whole = await changeUntil(disk, vault, change, left);
      close();
      power = new Power(disk.files);
      power.left = again;
      const started = await openEither(disk, change).then(
        () => true,
        () => false,
      );
      const isWhole = power.steps <= again;
      power.back();
      await openEither(disk, change);
      expect(await disk.databases()).toHaveLength(1);
      if (started && isWhole) break;
    }
    if (whole !== undefined) return;
  }
});
