// What a person may do about the passphrase while the vault is open. Loaded when it is first wanted.
import { KithError } from '../errors.ts';
import type { LockDeed } from '../node-api.ts';
import type { Vault } from '../ports/vault.ts';
import { Queue } from '../queue.ts';
import { AutoLock, type AutoLockMinutes, autoLockChoices } from '../vault/auto-lock.ts';
import { checkPassphrase } from '../vault/passphrase.ts';
import type { House } from './house.ts';

interface Watch {
  readonly auto: AutoLock;
  /** One change after the other. */
  readonly changes: Queue;
  vault: Promise<Vault> | undefined;
}

const watches = new WeakMap<House, Watch>();

function watchOf(house: House): Watch {
  const watch = watches.get(house) ?? {
    auto: new AutoLock(house.options.clock, () => lockNow(house)),
    changes: new Queue(),
    vault: undefined,
  };
  watches.set(house, watch);
  return watch;
}

/** A passphrase has opened the store: counts until it locks. Call it once the settings are loaded. */
export function followLock(house: House): void {
  const minutes = choiceOf(house.profile.settings.autoLock);
  house.lock = { state: 'open', autoLock: minutes };
  watchOf(house).auto.choose(minutes);
}

export async function carryOut(house: House, deed: LockDeed): Promise<void> {
  const watch = watchOf(house);
  switch (deed.do) {
    case 'used':
      return watch.auto.used();
    case 'now':
      if (house.lock.state !== 'open') return;
      if (house.whole.replacing) throw new KithError('backup-busy');
      return lockNow(house);
    case 'auto':
      await house.profile.saveSettings({ autoLock: choiceOf(deed.minutes) });
      break;
    case 'unlock':
      return;
    default:
      await watch.changes.run(() => house.whole.alone(async () => change(await vaultOf(house, watch), deed)));
  }
  await told(house, watch);
}

async function change(
  vault: Vault,
  deed: Extract<LockDeed, { do: 'set' | 'change' | 'remove' | 'unlock' | 'now' | 'used' }>,
): Promise<void> {
  if ('passphrase' in deed) checkPassphrase(deed.passphrase);
  if (deed.do === 'set') await vault.setPassphrase(deed.passphrase);
  else if (deed.do === 'change') await vault.changePassphrase(deed.current, deed.passphrase);
  else await vault.removePassphrase();
}

async function told(house: House, watch: Watch): Promise<void> {
  if ((await vaultOf(house, watch)).isProtected) followLock(house);
  else {
    watch.auto.stop();
    house.lock = { state: 'none', autoLock: 0 };
  }
  house.board.changed();
}

/**
 * Goodbye to everybody; then nothing here can be read any more, and the pages forget what they show. While a backup comes in that has to
 * wait: cut short, it would leave neither what was here nor what was to come. It ends with pages that begin anew, and so locked.
 */
function lockNow(house: House): void {
  if (house.whole.replacing) return;
  watchOf(house).auto.stop();
  house.close();
  house.store.close();
  house.board.locked();
}

function vaultOf(house: House, watch: Watch): Promise<Vault> {
  const { vault } = house.options;
  if (!vault) throw new KithError('storage-unavailable');
  watch.vault ??= vault.open().catch((error) => {
    watch.vault = undefined; // its code did not come: whoever asks next tries again
    throw error;
  });
  return watch.vault;
}

/** A setting of another release is none. */
const choiceOf = (minutes: number): AutoLockMinutes => autoLockChoices.find((choice) => choice === minutes) ?? 0;
