// The people this device knows: keys, the pair's secrets, names, trust, and where each side stands. One record a contact.
import * as v from 'valibot';
import { equalBytes } from '../bytes/bytes.ts';
import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import { ways } from '../pairing/way.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Store, Write } from '../ports/store.ts';
import { Queue } from '../queue.ts';
import { bytesOf, count, decode, encode } from '../wire/cbor.ts';

/** Secrets kept of one pair: the one in use, and a newer one until the other side has proven that it has it too. */
const MAX_SECRETS = 3;

const contactSchema = v.object({
  v: v.literal(1),
  id: v.string(),
  /** Not there before first contact with somebody whose card came through a mailbox. */
  bundle: v.optional(bytesOf(65)),
  fingerprint: bytesOf(32),
  /** Pair's secrets, newest first; none before first contact. */
  secrets: v.pipe(v.array(bytesOf(32)), v.maxLength(MAX_SECRETS)),
  theirName: v.string(),
  nickname: v.string(),
  /** 15 digits, '' until derived. */
  number: v.string(),
  trust: v.picklist(['verified', 'unverified', 'introduced']),
  /** Whose word that was: contact id, and how I called them then. */
  introducedBy: v.optional(v.object({ contactId: v.string(), name: v.string() })),
  /** How we last came by each other. Records of before do not say. */
  way: v.optional(v.picklist(ways)),
  /** Where I stand. declined and removed are tombstones, kept until the other side has been told. */
  mine: v.picklist(['accepted', 'declined', 'blocked', 'removed']),
  /** Where they stand, as far as they said. waiting: I took their card, they have not answered. */
  theirs: v.picklist(['accepted', 'waiting', 'declined', 'blocked', 'removed']),
  /** They know of my refusal. */
  told: v.boolean(),
  createdAt: count(),
  /** When I removed them. */
  removedAt: v.optional(count()),
});

export type Contact = v.InferOutput<typeof contactSchema>;

/** What I think of somebody, and where each of us stands. */
export type Standing = Pick<Contact, 'trust' | 'way' | 'mine' | 'theirs' | 'introducedBy'>;

/** Nickname, else their own name. May be ''. */
export const nameOf = ({ nickname, theirName }: Contact): string => nickname || theirName;

export class ContactBook {
  private readonly contacts = new Map<string, Contact>();
  /** One change after the other: none is lost because another was being written. */
  private readonly changes = new Queue();
  /** Of whom this page knows more than the disk. */
  private readonly unwritten = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly log: Log,
    private readonly changed: (contact: Contact) => void,
  ) {}

  /** Records that cannot be read stay on the disk and keep nobody else out. */
  async load(): Promise<void> {
    for (const { key, value } of await this.store.list('contacts')) {
      try {
        this.contacts.set(key, decode(value, contactSchema));
      } catch (error) {
        this.log('warn', 'contact not read', { kind: kindOf(error) });
      }
    }
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
    peer: { bundle?: Uint8Array; fingerprint: Uint8Array; name: string },
    secrets: Uint8Array[],
    standing: Standing,
  ): Contact {
    return {
      v: 1,
      id: toHex(this.random.bytes(16)),
      ...(peer.bundle && { bundle: peer.bundle }),
      fingerprint: peer.fingerprint,
      secrets,
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

  /**
   * Reads, edits, writes; undefined when the contact is gone. Later: for what the other side says, which is true also where there is no room for
   * it. This page alone knows it until the next edit, which may change nothing.
   * @throws KithError 'disk-full'
   */
  edit(id: string, edit: (contact: Contact) => Contact, write: 'now' | 'later' = 'now'): Promise<Contact | undefined> {
    const { unwritten } = this;
    return this.changes.run(async () => {
      const before = this.contacts.get(id);
      if (!before) return undefined;
      const after = edit(before);
      if (write === 'later' && after !== before) {
        unwritten.add(id);
        await this.save(after);
      } else if (write === 'now' && (after !== before || unwritten.has(id))) {
        await this.save(after, (writes) => this.store.commit(writes, 'strict'));
        unwritten.delete(id);
      }
      return after;
    });
  }

  /** Reads whoever has this fingerprint and writes what `decide` makes of them, if anything, by a commit that has other parts too. */
  commitWith(
    fingerprint: Uint8Array,
    commit: (writes: readonly Write[]) => Promise<void>,
    decide: (known: Contact | undefined) => Contact | undefined,
  ): Promise<Contact | undefined> {
    return this.changes.run(async () => {
      const contact = decide(this.byFingerprint(fingerprint));
      if (contact) await this.save(contact, commit);
      else await commit([]);
      return contact;
    });
  }

  /** Forgets a contact, unless it has become worth keeping meanwhile. */
  eraseIf(id: string, worthless: (contact: Contact) => boolean): Promise<void> {
    return this.changes.run(async () => {
      const contact = this.contacts.get(id);
      if (!contact || !worthless(contact)) return;
      await this.store.commit([{ remove: 'contacts', key: id }], 'strict');
      this.contacts.delete(id);
    });
  }

  private async save(contact: Contact, commit?: (writes: readonly Write[]) => Promise<void>): Promise<void> {
    await commit?.([{ put: 'contacts', key: contact.id, value: encode(contact) }]);
    this.contacts.set(contact.id, contact);
    this.changed(contact);
  }
}
