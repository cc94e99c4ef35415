// One member of a group in the simulation: a page with the whole overlay (../node.ts), sealed sessions with fellow members over the
// overlay's circuits, the group as core/group has it, and a disk in memory.
import type { Bytes } from '../../../src/core/bytes/bytes.ts';
import { compareBytes, concat } from '../../../src/core/bytes/bytes.ts';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { type SigningKey, signingKeyFromSeed } from '../../../src/core/crypto/sign.ts';
import { Group, type GroupOut, type StoredGroup } from '../../../src/core/group/group.ts';
import { webCrypto } from '../../../src/core/group/membership/reading.ts';
import type { Identity } from '../../../src/core/identity/keys.ts';
import type { Timer } from '../../../src/core/ports/clock.ts';
import type { Link } from '../../../src/core/ports/link.ts';
import { silentLog } from '../../../src/core/ports/log.ts';
import type { Random } from '../../../src/core/ports/random.ts';
import { establish, type Session } from '../../../src/core/session/session.ts';
import { encodeInto } from '../../../src/core/wire/cbor.ts';
import type { SignedReceipt } from '../../../src/core/wire/group-gossip.ts';
import type { SignedMessage } from '../../../src/core/wire/group-message.ts';
import { decodeGroupSays, type GroupWords } from '../../../src/core/wire/group-says.ts';
import type { SimNode } from '../node.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Cost } from './cost.ts';

/** As core/node/groups has them, ms. */
const TICK_MS = 500;
const DIAL_MS = 30_000;
/** What is given up sooner was refused: both have to know each other's operations before either can tell. */
const LASTING_MS = 1_000;

/** What members share: time, who is where, and the count of what is sent. */
export interface Crowd {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly cost: Cost;
  readonly members: Map<string, Member>;
  /** Pairs that are making a session. */
  readonly meeting: Set<string>;
  groupId: Bytes;
  /** A node of the overlay that has found its place. */
  newNode(): Promise<SimNode>;
  /** Whatever must never happen, in words. */
  readonly wrong: string[];
}

/** The last of everything that is replaced, and all that is added. */
class Disk {
  readonly operations: Bytes[] = [];
  readonly messages: SignedMessage[] = [];
  readonly receipts = new Map<string, SignedReceipt>();
  keys: Uint8Array | undefined;
  drafts: Extract<GroupOut, { do: 'store' }>['drafts'];
  readonly shares: NonNullable<StoredGroup['shares']>[number][] = [];

  stored(): StoredGroup {
    const { operations, messages, receipts, shares, keys, drafts } = this;
    return {
      operations,
      messages,
      receipts: [...receipts.values()],
      shares,
      ...(keys && { keys }),
      ...(drafts && { drafts }),
    };
  }
}

export class Member {
  readonly sessions = new Map<string, Session>();
  /** Those that are links of the group, with when they came, ms. */
  readonly linked = new Map<string, number>();
  /** Most links with members that lasted a second, and most at one moment: one too many is given up when both know each other's operations. */
  mostLinks = 0;
  mostAtOnce = 0;
  /** Restarted pages read their disk. */
  disk = new Disk();
  group!: Group;
  node: SimNode | undefined;
  key: SigningKey | undefined;
  /** Hashes of the messages that were told as new, with how often. */
  readonly told = new Map<string, number>();
  isMember = true;
  #timer: Timer | undefined;
  /** Counts pages: what a page that is gone still does is of no effect. */
  #page = 0;

  constructor(
    readonly crowd: Crowd,
    readonly name: string,
    readonly identity: Identity,
    readonly random: Random,
  ) {
    this.id = toHex(identity.fingerprint);
    crowd.members.set(this.id, this);
  }

  readonly id: string;

  get isThere(): boolean {
    return this.node !== undefined;
  }

  async makeKey(): Promise<SigningKey> {
    this.key = await signingKeyFromSeed(this.random.bytes(32));
    return this.key;
  }

  /** The page, from what its disk has. */
  async open(): Promise<void> {
    this.#page += 1;
    const page = this.#page;
    const { groupId, time } = this.crowd;
    this.group = await Group.open(
      {
        groupId,
        self: this.identity,
        key: this.key,
        clock: time,
        random: this.random,
        verbs: webCrypto,
        readReceipts: true,
        out: (effect) => (page === this.#page ? this.#perform(effect) : undefined),
      },
      this.disk.stored(),
    );
  }

  /** On the network, as a node that nobody knows yet. */
  async arrive(): Promise<void> {
    const node = await this.crowd.newNode();
    this.node = node;
    node.overlay.onCircuit('session', (_from, payload, link) => this.#called(toHex(payload), link));
    this.#tickLater(Math.floor(this.random.fraction() * TICK_MS));
  }

  /** Off the network: with a goodbye, or from one moment to the next. The page stays. */
  async depart(says: boolean): Promise<void> {
    const { node } = this;
    this.node = undefined;
    this.#timer?.cancel();
    for (const session of this.sessions.values()) session.close(says);
    // The goodbyes leave before the node does.
    if (says) await this.crowd.time.advance(0);
    if (says) node?.leave();
    else node?.kill();
    for (const peer of [...this.linked.keys()]) await this.#unlink(peer);
    this.sessions.clear();
  }

  write(text: string): Promise<void> {
    return this.group.write({ id: this.random.bytes(16), body: { type: 'text', text } });
  }

  #tickLater(ms: number): void {
    const page = this.#page;
    this.#timer = this.crowd.time.after(ms, () => {
      if (!this.isThere || page !== this.#page) return;
      this.mostLinks = Math.max(this.mostLinks, this.#lasting());
      void this.group.tick().then(() => this.#tickLater(TICK_MS));
    });
  }

  /** Whoever was removed and does not know yet is told so on a link of their own, and is none of the group's. */
  #lasting(): number {
    const { time } = this.crowd;
    const { view } = this.group.members;
    return [...this.linked].filter(([id, since]) => view.has(id) && time.now() - since >= LASTING_MS).length;
  }

  async #perform(effect: GroupOut): Promise<void> {
    const { crowd, disk } = this;
    switch (effect.do) {
      case 'keep':
        disk.operations.push(...effect.operations);
        return;
      case 'store':
        return this.#store(effect);
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'dial':
        return void this.meet(effect.peer);
      case 'drop':
        // Not waited for: the group does one thing after another, and this is in the middle of one.
        void this.#unlink(effect.peer);
        this.sessions.get(effect.peer)?.close();
        return;
      case 'messages':
        for (const hash of effect.arrived) {
          this.told.set(hash, (this.told.get(hash) ?? 0) + 1);
          crowd.cost.arrived(hash, crowd.time.now());
        }
        return;
      case 'refused':
        crowd.cost.refused(effect.kind);
        return;
      case 'forked':
        crowd.wrong.push(`somebody forked: ${effect.author.slice(0, 8)}`);
        return;
      case 'members':
      case 'seek': // rendezvous is made up
        return;
    }
  }

  #store({ messages = [], keys, receipt, share, drafts }: Extract<GroupOut, { do: 'store' }>): void {
    const { disk, crowd } = this;
    for (const message of messages) disk.messages.push(message);
    if (keys) disk.keys = keys;
    if (receipt) disk.receipts.set(crowd.cost.authorOf(receipt), receipt);
    if (share) disk.shares.push(share);
    if (drafts) disk.drafts = drafts;
  }

  #send(to: string, message: GroupWords): void {
    const session = this.sessions.get(to);
    if (session === undefined) return;
    const write = (space: Uint8Array) => {
      const bytes = encodeInto(message, space);
      this.crowd.cost.sent(message.type, bytes);
      return bytes;
    };
    session.send(write).catch(() => {}); // the end of a session is told by itself
  }

  /** Looks for a member, as rendezvous would, and makes a session with them over a circuit. */
  async meet(id: string): Promise<void> {
    const { crowd, node } = this;
    const other = crowd.members.get(id);
    const pair = [this.id, id].sort().join();
    if (this.sessions.has(id)) return this.#link(id);
    if (crowd.meeting.has(pair)) return this.#later(id);
    if (node === undefined || other?.node === undefined) return this.#later(id);
    crowd.meeting.add(pair);
    try {
      const via = other.node.transport.neighbours.all().map((neighbour) => neighbour.id);
      const link = await node.overlay.openCircuit({ id: other.node.id, via }, 'session', fromHex(this.id));
      await this.#session(other, link);
    } catch {
      this.#later(id);
    } finally {
      crowd.meeting.delete(pair);
    }
  }

  /** As a node that found nobody: the group hears so after a while, unless a link came about otherwise. */
  #later(id: string): void {
    this.crowd.time.after(DIAL_MS, () => {
      if (this.isThere && !this.linked.has(id)) void this.group.unreachable(id);
    });
  }

  #called(id: string, link: Link): void {
    const other = this.crowd.members.get(id);
    if (other === undefined) link.close();
    else this.#session(other, link).catch(() => {}); // the caller hears so by itself
  }

  async #session(other: Member, link: Link): Promise<void> {
    const { identity: self, random, node, crowd } = this;
    const { bundle, fingerprint } = other.identity;
    const both = [self.fingerprint, fingerprint].sort(compareBytes);
    const secret = await sha256(concat(utf8('simulated pair'), ...both));
    const options = { link, self, peer: { bundle, fingerprint }, secrets: [secret], clock: crowd.time, random };
    const session = await establish({ ...options, log: silentLog });
    if (this.node !== node) return session.close(false);
    const before = this.sessions.get(other.id);
    this.sessions.set(other.id, session);
    if (before) {
      before.close();
      await this.#unlink(other.id);
    }
    session.onClose(() => {
      if (this.sessions.get(other.id) !== session) return;
      this.sessions.delete(other.id);
      void this.#unlink(other.id);
    });
    session.onMessage((payload) => {
      if (this.linked.has(other.id)) void this.group.received(other.id, decodeGroupSays(payload) as GroupWords); // nobody here sends files
    });
    crowd.cost.sessions += 1;
    await this.#link(other.id);
  }

  async #link(id: string): Promise<void> {
    if (this.linked.has(id)) return;
    this.linked.set(id, this.crowd.time.now());
    this.mostAtOnce = Math.max(this.mostAtOnce, this.linked.size);
    await this.group.linked(id);
  }

  async #unlink(id: string): Promise<void> {
    if (this.linked.delete(id)) await this.group.unlinked(id);
  }
}
