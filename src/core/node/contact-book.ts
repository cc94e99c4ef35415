// The people this device knows: keys, the pair's secrets, names, trust, and where each side stands. One record a contact.
import * as v from 'valibot';
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Store, Write } from '../ports/store.ts';
import { bytesOf, count, decode, encode } from '../wire/cbor.ts';

/** Secrets kept of one pair: the one in use, and a newer one until the other side has proven that it has it too. */
const MAX_SECRETS = 3;

const contactSchema = v.object({
  v: v.literal(1),
  id: v.string(),
  bundle: bytesOf(65),
  fingerprint: bytesOf(32),
  /** Pair's secrets, newest first. */
  secrets: v.pipe(v.array(bytesOf(32)), v.minLength(1), v.maxLength(MAX_SECRETS)),
  theirName: v.string(),
  nickname: v.string(),
  /** 15 digits, '' until derived. */
  number: v.string(),
  trust: v.picklist(['verified', 'unverified']),
  /** Where I stand. declined and removed are tombstones, kept until the other side has been told. */
  mine: v.picklist(['accepted', 'declined', 'blocked', 'removed']),
  /** Where they stand, as far as they said. waiting: I took their card, they have not answered. */
  theirs: v.picklist(['accepted', 'waiting', 'declined', 'blocked', 'removed']),
  /** They know of my refusal. */
  told: v.boolean(),
  createdAt: count(),
});

export type Contact = v.InferOutput<typeof contactSchema>;

export class ContactBook {
  private readonly contacts = new Map<string, Contact>();
  private editing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly changed: (contact: Contact) => void,
  ) {}

  async load(): Promise<void> {
    for (const { key, value } of await this.store.list('contacts'))
      this.contacts.set(key, decode(value, contactSchema));
  }

  all(): Contact[] {
    return [...this.contacts.values()];
  }

  /** Shown in the list: everyone but the tombstones. */
  shown(): Contact[] {
    return this.all().filter((contact) => contact.mine === 'accepted' || contact.mine === 'blocked');
  }

  get(id: string): Contact | undefined {
    return this.contacts.get(id);
  }

  byFingerprint(fingerprint: Uint8Array): Contact | undefined {
    return this.all().find((contact) => equalBytes(contact.fingerprint, fingerprint));
  }

  fresh(
    peer: { bundle: Uint8Array; fingerprint: Uint8Array; name: string },
    secret: Uint8Array,
    standing: Pick<Contact, 'trust' | 'mine' | 'theirs'>,
  ): Contact {
    return {
      v: 1,
      id: toHex(this.random.bytes(16)),
      bundle: peer.bundle,
      fingerprint: peer.fingerprint,
      secrets: [secret],
      theirName: peer.name,
      nickname: '',
      number: '',
      ...standing,
      told: false,
      createdAt: this.clock.now(),
    };
  }

  /** The contact with a further, newer secret. */
  withSecret(contact: Contact, secret: Uint8Array): Contact {
    const others = contact.secrets.filter((one) => !equalBytes(one, secret));
    return { ...contact, secrets: [secret, ...others].slice(0, MAX_SECRETS) };
  }

  /** For a commit that has other parts too; call `adopt` when it is through. */
  write(contact: Contact): Write {
    return { put: 'contacts', key: contact.id, value: encode(contact) };
  }

  adopt(contact: Contact): void {
    this.contacts.set(contact.id, contact);
    this.changed(contact);
  }

  async save(contact: Contact, durability: 'strict' | 'relaxed' = 'strict'): Promise<void> {
    await this.store.commit([this.write(contact)], durability);
    this.adopt(contact);
  }

  /** Reads, edits, writes, one edit after the other; undefined when the contact is gone. */
  edit(id: string, edit: (contact: Contact) => Contact): Promise<Contact | undefined> {
    const edited = this.editing.then(async () => {
      const before = this.contacts.get(id);
      if (!before) return undefined;
      const after = edit(before);
      if (after !== before) await this.save(after);
      return after;
    });
    this.editing = edited.catch(() => {});
    return edited;
  }

  async erase(id: string): Promise<void> {
    await this.store.commit([{ remove: 'contacts', key: id }], 'strict');
    this.contacts.delete(id);
  }
}
