// A group of many in the overlay's simulation: members who write, lose the network and come back, are added, leave and are removed,
// in virtual time and from a seed. Real: overlay, circuits, sessions, the group. Not: rendezvous (whoever is there is found at once,
// whoever is not after half a minute) and the disk (memory).
import { seededRandom } from '../../../src/adapters/memory/random.ts';
import { utf8 } from '../../../src/core/bytes/utf8.ts';
import { sha256 } from '../../../src/core/crypto/kdf.ts';
import { kem } from '../../../src/core/crypto/kem.ts';
import { hasJoined, type MembersView } from '../../../src/core/group/members-view.ts';
import { createGroup } from '../../../src/core/group/membership/authoring.ts';
import { webCrypto } from '../../../src/core/group/membership/reading.ts';
import { identityFromRoot } from '../../../src/core/identity/keys.ts';
import { frameTypes } from '../../../src/core/overlay/frames.ts';
import { MAX_NEIGHBOURS } from '../../../src/core/overlay/limits.ts';
import type { Random } from '../../../src/core/ports/random.ts';
import { SimExchange } from '../dialer.ts';
import { SimNetwork } from '../network.ts';
import { SimNode, type SimWorld } from '../node.ts';
import { nodeOverlayCrypto } from '../node-crypto.ts';
import { replaceGlobals, VirtualTime } from '../virtual-time.ts';
import { Cost } from './cost.ts';
import { type Crowd, Member } from './member.ts';
import { replaceSubtle } from './subtle.ts';

export interface GroupSimulationOptions {
  readonly members: number;
  readonly messages: number;
  /** Share of the members that is away at any time. */
  readonly churn: number;
  readonly seed: number;
  /** Members are added, leave and are removed while the others talk. */
  readonly changes: boolean;
}

const LATENCY_MS = 10;
/** Between two messages of the group, on average, ms. */
const GAP_MS = 60;
/** Longest absence, ms: a minute on average. */
const AWAY_MS = 120_000;
/** Of those who lose the network, so many close the page as well and begin from their disk; so many say goodbye. */
const RESTARTS = 0.1;
const GOODBYES = 0.5;
/** Of the messages, so many are written by somebody who is away: they leave when their author is back. */
const DRAFTS = 0.02;
const SETTLE_MS = 30_000;
const ADMINS = 3;
/** Between two who come at the start, ms. */
const JOIN_MS = 500;
/** After everybody is back, at most: links compare their histories every ten minutes. */
const HEAL_MS = 1_800_000;
/** Between two looks at who lacks what, ms. */
const HEAL_STEP_MS = 15_000;
const FIRST_NEIGHBOURS = 3;
const WORDS = 'we meet at the old bridge when it rains and walk along the river until somebody is hungry'.split(' ');

export class GroupSimulation implements Crowd {
  readonly time = new VirtualTime();
  readonly network: SimNetwork;
  readonly random: Random;
  readonly cost = new Cost();
  readonly members = new Map<string, Member>();
  readonly meeting = new Set<string>();
  readonly wrong: string[] = [];
  groupId!: Crowd['groupId'];
  written = 0;
  departures = 0;
  restarts = 0;
  talkMs = 0;
  healMs = 0;
  /** Bytes of circuits on all links of the overlay while the group talked: each relay's sending counts. */
  circuitBytes = 0;
  #world: SimWorld;
  #seeds = 0;
  #tells = 0;
  readonly #back = new Map<Member, number>();

  constructor(readonly options: GroupSimulationOptions) {
    this.random = seededRandom(options.seed);
    this.network = new SimNetwork(this.time, this.random, { latencyMs: LATENCY_MS, loss: 0 });
    this.#world = {
      network: this.network,
      exchange: new SimExchange(this.network),
      nodes: new Map(),
      random: this.random,
      crypto: nodeOverlayCrypto,
      cap: MAX_NEIGHBOURS,
      identitiesSubstituted: 0,
      questions: 0,
    };
  }

  /** `tell`: what is going on, for whoever waits. */
  async run(tell: (line: string) => void = () => {}): Promise<void> {
    const putBack = [replaceSubtle(), replaceGlobals(this.time, () => this.random.fraction())];
    try {
      await this.#gather();
      tell(`${this.options.members} members have joined`);
      await this.#talk(tell);
      await this.#heal(tell);
    } finally {
      for (const member of this.members.values()) if (member.isThere) await member.depart(false);
      for (const node of [...this.#world.nodes.values()]) node.leave();
      for (const put of putBack) put();
    }
  }

  /** Those who belong in the end. */
  get current(): readonly Member[] {
    return [...this.members.values()].filter(({ isMember }) => isMember);
  }

  async newNode(): Promise<SimNode> {
    const before = [...this.#world.nodes.values()];
    this.#seeds += 1;
    const node = await SimNode.start(this.#world, this.options.seed * 1_000_003 + this.#seeds);
    const chosen = new Set(Array.from({ length: Math.min(FIRST_NEIGHBOURS, before.length) }, () => this.#one(before)));
    await Promise.all(Array.from(chosen, (other) => node.meet(other).catch(() => {}))); // not every one has room
    node.considerDoors();
    return node;
  }

  async #person(): Promise<Member> {
    const { seed } = this.options;
    const name = `Member ${this.members.size + 1}`;
    const identity = await identityFromRoot(await sha256(utf8(`${name} of ${seed}`)));
    return new Member(this, name, identity, seededRandom(seed * 7_919 + this.members.size));
  }

  /** One makes the group, the others join it, each on what is known then; three are admins. With that on their disks all come. */
  async #gather(): Promise<void> {
    await kem(); // loaded before time counts
    const founder = await this.#person();
    const options = { name: 'Walkers', person: founder.name, seed: this.random.bytes(32) };
    const creation = await createGroup(founder.identity, await founder.makeKey(), options, webCrypto);
    this.groupId = creation.hash;
    await founder.open();
    await founder.group.created(creation);
    for (let count = 1; count < this.options.members; count += 1) {
      const member = await this.#person();
      await founder.group.act({ do: 'add', bundle: member.identity.bundle, person: member.name });
      member.disk.operations.push(...founder.disk.operations);
      await member.open();
      await member.group.join(await member.makeKey(), member.name);
      founder.disk.operations.push(...member.disk.operations.slice(founder.disk.operations.length));
      await founder.open();
      if (count < ADMINS) await founder.group.act({ do: 'promote', member: member.identity.fingerprint });
    }
    for (const member of this.members.values()) {
      member.disk.operations.splice(0, Number.POSITIVE_INFINITY, ...founder.disk.operations);
      await member.open();
      await this.time.until(member.arrive());
      await this.time.advance(JOIN_MS);
    }
    await this.time.advance(SETTLE_MS);
  }

  async #invite(admin: Member): Promise<Member> {
    const member = await this.#person();
    await admin.group.act({ do: 'add', bundle: member.identity.bundle, person: member.name });
    await member.open();
    await this.time.until(member.arrive());
    await this.#until(() => {
      if (!member.linked.has(admin.id)) void member.meet(admin.id);
      return member.group.members.view.has(member.id);
    }, `${member.name} hears of the invitation`);
    await member.group.join(await member.makeKey(), member.name);
    await this.#until(() => hasJoined(admin.group.members.view, member.id), `${member.name} has joined`);
    return member;
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    for (let seconds = 0; !condition(); seconds += 1) {
      if (seconds > 300) throw new Error(`never came true: ${what}`);
      await this.time.advance(1_000);
    }
  }

  async #talk(tell: (line: string) => void): Promise<void> {
    const { messages, changes } = this.options;
    const start = this.time.now();
    this.cost.reset();
    this.network.tap = (frame) => {
      if (frame[0] === frameTypes.cell) this.circuitBytes += frame.length;
    };
    const at = (share: number) => Math.floor(share * messages);
    for (let count = 0; count < messages; count += 1) {
      await this.#churn();
      if (changes && count === at(0.25)) await this.#leaves();
      if (changes && count === at(0.5)) await this.#isRemoved();
      if (changes && count === at(0.7)) await this.#invite(this.#admin());
      if (changes && count === at(0.8)) await this.#invite(this.#admin());
      await this.#write(count);
      await this.time.advance(Math.round(-Math.log(1 - this.random.fraction()) * GAP_MS));
      if (Math.floor((10 * (count + 1)) / messages) > this.#tells) {
        this.#tells += 1;
        tell(`${count + 1} messages after ${Math.round((this.time.now() - start) / 1_000)} s of theirs`);
      }
    }
    this.talkMs = this.time.now() - start;
  }

  async #write(count: number): Promise<void> {
    const people = this.current.filter(({ isThere }) => isThere !== this.random.fraction() < DRAFTS);
    const author = this.#one(people.length > 0 ? people : this.current);
    const words = Array.from({ length: 4 + Math.floor(this.random.fraction() * 20) }, () => this.#one(WORDS));
    await author.write(`${count}: ${words.join(' ')}`);
    this.written += 1;
  }

  async #churn(): Promise<void> {
    const now = this.time.now();
    for (const [member, at] of this.#back) if (at <= now) await this.#comesBack(member);
    const away = this.current.filter(({ isThere }) => !isThere).length;
    for (let more = Math.floor(this.current.length * this.options.churn) - away; more > 0; more -= 1) {
      const member = this.#one(this.current.filter(({ isThere }) => isThere));
      this.departures += 1;
      this.#back.set(member, now + this.random.fraction() * AWAY_MS);
      await member.depart(this.random.fraction() < GOODBYES);
    }
  }

  async #comesBack(member: Member): Promise<void> {
    this.#back.delete(member);
    if (this.random.fraction() < RESTARTS) {
      this.restarts += 1;
      await member.open();
    }
    // A node looks for its place while the others go on.
    void member.arrive();
    await this.time.advance(0);
  }

  #admin(): Member {
    const isAdmin = (member: Member) => member.group.members.view.member(member.id)?.role === 'admin';
    return this.#one(this.current.filter((member) => member.isThere && isAdmin(member)));
  }

  #plain(): Member {
    const isPlain = (member: Member) => member.group.members.view.member(member.id)?.role === 'member';
    return this.#one(this.current.filter((member) => member.isThere && member.linked.size > 0 && isPlain(member)));
  }

  async #leaves(): Promise<void> {
    const member = this.#plain();
    member.isMember = false;
    await member.group.leave();
  }

  async #isRemoved(): Promise<void> {
    const member = this.#plain();
    member.isMember = false;
    await this.#admin().group.remove(member.id);
  }

  /** Everybody is there again; until all have everything, or too long. */
  async #heal(tell: (line: string) => void): Promise<void> {
    const start = this.time.now();
    for (const member of [...this.#back.keys()]) await this.#comesBack(member);
    while (this.time.now() - start < HEAL_MS) {
      await this.time.advance(HEAL_STEP_MS);
      const lacking = lackingOf(this.current).filter(({ hashes, drafts }) => hashes.length > 0 || drafts > 0);
      if (lacking.length === 0) break;
      const sum = (of: (one: Lacking) => number) => lacking.reduce((total, one) => total + of(one), 0);
      tell(
        `healing for ${Math.round((this.time.now() - start) / 1_000)} s of theirs: ${lacking.length} members lack ` +
          `${sum(({ hashes }) => hashes.length)} messages and wait with ${sum(({ drafts }) => drafts)}`,
      );
    }
    this.healMs = this.time.now() - start;
    // What comes twice would come now.
    await this.time.advance(SETTLE_MS);
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.random.fraction() * list.length)] as T;
  }
}

/** What a member lacks of all that the others show and that was for them in its author's eyes; and how many of their own wait. */
export interface Lacking {
  readonly member: Member;
  readonly hashes: readonly string[];
  readonly drafts: number;
}

export function lackingOf(members: readonly Member[]): Lacking[] {
  const views = new Map<string, MembersView>();
  for (const { group } of members) for (const { entry } of group.history.shown()) views.set(entry.hash, entry.view);
  return members.map((member) => {
    const { group, id } = member;
    const hashes = [...views.keys()].filter(
      (hash) => group.history.find(hash) === undefined && hasJoined(views.get(hash) as MembersView, id),
    );
    return { member, hashes, drafts: group.drafts.length };
  });
}
