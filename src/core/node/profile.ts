// What this device knows of its owner: the root secret, a name, the number once Argon2id has found it, and settings.
import * as v from 'valibot';
import { kindOf } from '../errors.ts';
import { type Identity, identityFromRoot, ROOT_SECRET_BYTES } from '../identity/keys.ts';
import type { Random } from '../ports/random.ts';
import type { Store, Write } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import { bytesOf, decode, encode } from '../wire/cbor.ts';
import { withoutMark } from './backup/unfinished.ts';

export const profileSchema = v.object({
  v: v.literal(1),
  root: bytesOf(ROOT_SECRET_BYTES),
  name: v.string(),
  /** '' until derived. */
  number: v.string(),
  /** It came back with words alone. */
  cameBack: v.optional(v.boolean()),
});

/** Bytes per second carried for others unless the person says otherwise: two megabits. */
const DEFAULT_RELAYING = 262_144;

const settingsSchema = v.object({
  v: v.literal(1),
  /** null: those of kith.config.json. */
  trackers: v.nullable(v.array(v.string())),
  sendReadReceipts: v.boolean(),
  // Later than the others: records of before do not have them.
  discoverable: v.optional(v.boolean(), false),
  relayOnly: v.optional(v.boolean(), false),
  /** Bytes per second for others; null: none. */
  relaying: v.optional(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), DEFAULT_RELAYING),
  /** Minutes; 0: it does not lock by itself. */
  autoLock: v.optional(v.number(), 0),
});

export type Profile = v.InferOutput<typeof profileSchema>;
export type Settings = v.InferOutput<typeof settingsSchema>;

const defaultSettings: Settings = {
  v: 1,
  trackers: null,
  sendReadReceipts: true,
  discoverable: false,
  relayOnly: false,
  relaying: DEFAULT_RELAYING,
  autoLock: 0,
};

/** In table `meta`. */
export const SETTINGS_KEY = 'settings';

/** Settings that came from another device, with this device's time until it locks by itself; those that cannot be read are the usual ones. */
export function settingsHere(stored: Uint8Array | undefined, autoLock: number): Write {
  return { put: 'meta', key: SETTINGS_KEY, value: encode({ ...(readSettings(stored) ?? defaultSettings), autoLock }) };
}

/** Settings can be chosen again; a damaged record of them must not keep anybody out. */
function readSettings(stored: Uint8Array | undefined): Settings | undefined {
  try {
    return stored && decode(stored, settingsSchema);
  } catch {
    return undefined;
  }
}

/** Who came back: the root secret (32 bytes), and what goes to the disk with it. */
export interface KnownIdentity {
  readonly root: Uint8Array;
  readonly writes: readonly Write[];
}

export class ProfileBook {
  profile: Profile | undefined;
  identity: Identity | undefined;
  settings: Settings = defaultSettings;
  /** One change after the other: a name and a number that come together are both kept. */
  private readonly changes = new Queue();

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    const [profile, settings] = await Promise.all([this.store.get('meta', 'profile'), this.storedSettings()]);
    this.settings = settings ?? defaultSettings;
    if (!profile) return;
    this.profile = decode(profile, profileSchema);
    this.identity = await identityFromRoot(this.profile.root);
  }

  private async storedSettings(): Promise<Settings | undefined> {
    try {
      return readSettings(await this.store.get('meta', SETTINGS_KEY));
    } catch (error) {
      if (kindOf(error) === 'record-damaged') return undefined;
      throw error; // not to be read now: they still hold, and must not be written over
    }
  }

  get cameBack(): boolean {
    return this.profile?.cameBack === true;
  }

  /** @param known Of somebody who came back with words; others get a new root secret. */
  async create(name: string, random: Random, known?: KnownIdentity): Promise<Identity> {
    const root = known ? Uint8Array.from(known.root) : random.bytes(ROOT_SECRET_BYTES);
    const identity = await identityFromRoot(root);
    await this.save({ v: 1, root, name, number: '', ...(known && { cameBack: true }) }, known?.writes);
    this.identity = identity;
    return identity;
  }

  edit(change: Partial<Pick<Profile, 'name' | 'number'>>): Promise<void> {
    return this.changes.run(async () => {
      if (this.profile) await this.save({ ...this.profile, ...change });
    });
  }

  private async save(profile: Profile, more: readonly Write[] = []): Promise<void> {
    // With an identity there is nothing unfinished any more.
    const writes: Write[] = [{ put: 'meta', key: 'profile', value: encode(profile) }, withoutMark, ...more];
    await this.store.commit(writes, 'strict');
    this.profile = profile;
  }

  saveSettings(change: Partial<Omit<Settings, 'v'>>): Promise<void> {
    return this.changes.run(async () => {
      const settings = { ...this.settings, ...change };
      await this.store.commit([{ put: 'meta', key: SETTINGS_KEY, value: encode(settings) }], 'strict');
      this.settings = settings;
    });
  }
}
