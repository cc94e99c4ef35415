// Sessions with fellow members who are no contacts of mine: found and proven like contacts, under a secret that only the two of us
// can derive, and good for nothing but groups.
import { compareBytes, concat } from '../../bytes/bytes.ts';
import { fromHex } from '../../bytes/hex.ts';
import { utf8 } from '../../bytes/utf8.ts';
import { diffieHellman } from '../../crypto/dh.ts';
import { hkdf } from '../../crypto/kdf.ts';
import { KithError, kindOf } from '../../errors.ts';
import type { MemberId } from '../../group/members-view.ts';
import { decodeBundle } from '../../identity/bundle.ts';
import type { Identity } from '../../identity/keys.ts';
import type { Session } from '../../session/session.ts';
import { encodeInto } from '../../wire/cbor.ts';
import { decodeGroupSays, type GroupSays } from '../../wire/group-says.ts';
import type { Contact } from '../contact-book.ts';
import { Peers, type PeersOptions } from '../peers.ts';
import { UnderWay } from '../under-way.ts';

const NO_SALT = new Uint8Array(0);

/**
 * 32 bytes that two people derive from their identities alone: X25519 of their bundles. It hides the meeting from everybody else,
 * other members too; what is said is secured by the session's own handshake.
 */
async function secretWith(self: Identity, peer: { bundle: Uint8Array; fingerprint: Uint8Array }): Promise<Uint8Array> {
  const shared = await diffieHellman(self.dh, decodeBundle(peer.bundle).dh);
  const both = [self.fingerprint, peer.fingerprint].sort(compareBytes);
  return hkdf(shared, NO_SALT, concat(utf8('kith fellow members v1'), ...both), 32);
}

export interface FellowEvents {
  live(member: MemberId): void;
  ended(member: MemberId): void;
  /** Rejects when what was said could not be carried out: the session ends, unless it was for want of room. */
  received(member: MemberId, message: GroupSays): Promise<void>;
}

export class Fellows {
  readonly #peers: Peers;
  readonly #wanted = new Set<MemberId>();

  constructor(
    private readonly options: Omit<PeersOptions, 'events'> & {
      readonly events: FellowEvents;
      readonly changed: () => void;
    },
  ) {
    const { events, changed } = options;
    this.#peers = new Peers({
      ...options,
      events: {
        proven: () => {},
        live: (id, session) => this.#live(id, session),
        ended: (id) => events.ended(id),
        nodesChanged: () => {},
        changed,
      },
    });
  }

  /** Looks for this member until `release`. */
  async want(id: MemberId, bundle: Uint8Array): Promise<void> {
    if (this.#wanted.has(id)) return;
    this.#wanted.add(id);
    const fingerprint = fromHex(id);
    const secret = await secretWith(this.options.self, { bundle, fingerprint });
    if (this.#wanted.has(id)) await this.#peers.watch(asContact(id, Uint8Array.from(bundle), fingerprint, secret));
  }

  release(id: MemberId): void {
    if (this.#wanted.delete(id)) this.#peers.unwatch(id);
  }

  wanted(): MemberId[] {
    return [...this.#wanted];
  }

  isLive(id: MemberId): boolean {
    return this.#peers.session(id) !== undefined;
  }

  /** Ends the session; it comes back by itself. */
  end(id: MemberId): void {
    this.#peers.session(id)?.close(true);
  }

  /** Rejects when it could not be handed to a session. */
  async send(id: MemberId, message: GroupSays): Promise<void> {
    const session = this.#peers.session(id);
    if (session === undefined) throw new KithError('link-closed');
    await session.send((space) => encodeInto(message, space));
  }

  /** The person wants to be reached through others alone. */
  endDirect(): void {
    this.#peers.endDirect();
  }

  endAll(): void {
    this.#peers.end();
  }

  close(): void {
    this.#peers.close();
  }

  #live(id: MemberId, session: Session): void {
    const underWay = new UnderWay();
    session.onMessage((payload) => {
      // Authenticated nonsense throws, and so does a flood: a broken or hostile Kith, whose session ends here.
      const message = decodeGroupSays(payload);
      underWay
        .take(payload, () => this.options.events.received(id, message))
        .catch((error) => {
          const kind = kindOf(error);
          this.options.log('warn', 'message of a fellow member not carried out', { kind });
          // A session made anew would find no more room. The group asks for it again when there is some.
          if (kind !== 'disk-full') this.#peers.giveUp(id, session);
        });
    });
    this.options.events.live(id);
  }
}

/** What `Peers` asks of whoever it looks for. */
const asContact = (id: MemberId, bundle: Uint8Array, fingerprint: Uint8Array, secret: Uint8Array): Contact => ({
  v: 1,
  id,
  bundle,
  fingerprint,
  secrets: [secret],
  theirName: '',
  nickname: '',
  number: '',
  trust: 'unverified',
  mine: 'accepted',
  theirs: 'accepted',
  told: false,
  createdAt: 0,
});
