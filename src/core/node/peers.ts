// Keeps every contact within reach: an appointment per secret, a session over whichever link comes, the newest session in
// use. The other page may have reloaded without a word, so a new link is always given its handshake.

import { toHex } from '../bytes/hex.ts';
import { kindOf } from '../errors.ts';
import type { Identity } from '../identity/keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link, LinkWay } from '../ports/link.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { BackOff } from '../rendezvous/back-off.ts';
import type { Appointment, Rendezvous } from '../rendezvous/rendezvous.ts';
import { type Meeting, pairMeeting } from '../session/pair-keys.ts';
import { establish, type Session, sessionRole } from '../session/session.ts';
import { inBackground } from './background.ts';
import type { Contact } from './contact-book.ts';

/** Handshakes with one contact at a time. More only happens when somebody plays with us. */
const MAX_HANDSHAKES = 3;
/** What ends a session that has not lived so long would most likely end the next one too, milliseconds. */
const GROWN_UP_MS = 10_000;
/** Bound of the random wait after such an end, milliseconds. */
const LONGEST_REST_MS = 60_000;

export interface PeerEvents {
  /** The other side has this secret too: older ones are no longer needed. */
  proven(contactId: string, secret: Uint8Array): void;
  live(contactId: string, session: Session): void;
  ended(contactId: string): void;
  /** `nodes` may differ now. */
  nodesChanged(): void;
  /** Presence or route may differ now. */
  changed(contactId: string): void;
}

export interface PeersOptions {
  readonly self: Identity;
  readonly rendezvous: Rendezvous;
  /** No session may run where the other side sees our address. */
  readonly relayOnly: () => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: PeerEvents;
}

interface Peer {
  contact: Contact;
  readonly appointments: Map<string, Appointment>;
  session: Session | undefined;
  /** Overlay id of the node on which they were last found. */
  node: Uint8Array | undefined;
  handshakes: number;
  /** They answered a call of ours that opened no direct link, and no direct session came since. */
  unopened: boolean;
  /** After sessions that hardly began before they were given up here: nobody is looked for while it waits. */
  readonly rest: BackOff;
  /** The initiator does one handshake at a time, or two links at once would replace each other for ever. */
  turn: Promise<void>;
}

export class Peers {
  /** Handshakes that made a session since the start. */
  handshakes = 0;
  private readonly peers = new Map<string, Peer>();
  private readonly givenUp = new WeakSet<Session>();
  private closed = false;
  private over = false;
  private bytesOfEnded = { in: 0, out: 0 };

  constructor(private readonly options: PeersOptions) {}

  /** Starts, or goes on with changed keys. */
  async watch(contact: Contact): Promise<void> {
    let peer = this.peers.get(contact.id);
    if (!peer) {
      const fresh = { session: undefined, node: undefined, handshakes: 0, unopened: false, turn: Promise.resolve() };
      const { id } = contact;
      const rest = new BackOff(this.options, () => this.restOver(id));
      peer = { contact, appointments: new Map(), rest, ...fresh };
      this.peers.set(id, peer);
    }
    peer.contact = contact;
    if (peer.rest.isWaiting) return;
    const wanted = new Map(contact.secrets.map((secret) => [toHex(secret), secret]));
    for (const [key, appointment] of peer.appointments) {
      if (wanted.has(key)) continue;
      appointment.cancel();
      peer.appointments.delete(key);
    }
    for (const [key, secret] of wanted) {
      if (peer.appointments.has(key)) continue;
      const meeting = await pairMeeting(secret, sessionRole(this.options.self.fingerprint, contact.fingerprint));
      if (this.peers.get(contact.id) !== peer || peer.appointments.has(key)) continue;
      peer.appointments.set(key, this.meet(peer, secret, meeting));
    }
    this.tellAppointments(peer);
  }

  private meet(peer: Peer, secret: Uint8Array, meeting: Meeting): Appointment {
    return this.options.rendezvous.meet({
      id: `${peer.contact.id}/${peer.contact.secrets.indexOf(secret)}`,
      meeting,
      daily: true,
      onLink: (link) => this.met(peer, link, secret),
      onUnopened: () => {
        peer.unopened = peer.session?.route !== 'direct';
        this.options.events.changed(peer.contact.id);
      },
      onLooked: () => this.options.events.nodesChanged(),
    });
  }

  unwatch(contactId: string): void {
    const peer = this.peers.get(contactId);
    if (!peer) return;
    this.peers.delete(contactId);
    peer.rest.stop();
    for (const appointment of peer.appointments.values()) appointment.cancel();
    peer.session?.close(true);
    this.options.events.nodesChanged();
  }

  session(contactId: string): Session | undefined {
    return this.peers.get(contactId)?.session;
  }

  /** Ends a session in which something went wrong on this side. When it had hardly begun, the next one is not made at once. */
  giveUp(contactId: string, session: Session): void {
    if (this.session(contactId) === session) this.givenUp.add(session);
    session.close(true);
  }

  presence(contactId: string): 'online' | 'connecting' | 'offline' {
    const peer = this.peers.get(contactId);
    if (peer?.session) return 'online';
    return peer && peer.handshakes > 0 ? 'connecting' : 'offline';
  }

  /** Watched, live, live over others, those of the last whom our direct calls did not reach, and bytes in all sessions so far. */
  totals(): {
    watched: number;
    live: number;
    relayed: number;
    unopened: number;
    bytesIn: number;
    bytesOut: number;
    protocol: string | null;
  } {
    const peers = [...this.peers.values()];
    const live = peers.flatMap((peer) => (peer.session ? [peer.session] : []));
    return {
      watched: this.peers.size,
      live: live.length,
      relayed: live.filter(({ route }) => route === 'relayed').length,
      unopened: peers.filter(({ session, unopened }) => session?.route === 'relayed' && unopened).length,
      protocol: live[0]?.protocol ?? null,
      bytesIn: live.reduce((sum, session) => sum + session.bytesIn, this.bytesOfEnded.in),
      bytesOut: live.reduce((sum, session) => sum + session.bytesOut, this.bytesOfEnded.out),
    };
  }

  /** Sessions that the overlay carries. */
  circuits(): { readonly contactId: string; readonly way: LinkWay }[] {
    return [...this.peers].flatMap(([contactId, { session }]) =>
      session?.way ? [{ contactId, way: session.way }] : [],
    );
  }

  /**
   * Overlay ids of the nodes on which contacts said to be, one of each, of those in a session first. While the session lasts also
   * when they were not found again: a look-up may fail. None of those who hide.
   */
  nodes(): Uint8Array[] {
    const found: Peer[] = [];
    for (const peer of this.peers.values()) {
      const node = [...peer.appointments.values()].map((each) => each.node).find((each) => each !== undefined);
      if (node || !peer.session) peer.node = node === 'hidden' ? undefined : node;
      if (peer.node) found.push(peer);
    }
    const live = (peer: Peer) => Number(peer.session !== undefined);
    return found.sort((a, b) => live(b) - live(a)).flatMap(({ node }) => node ?? []);
  }

  /** Sessions in which the other side sees our address are over; they come back through others. */
  endDirect(): void {
    for (const { session } of this.peers.values()) if (session?.route === 'direct') session.close(true);
  }

  /** Nobody is talked with any more: sessions are over, and links that still open are closed. */
  end(): void {
    this.over = true;
    for (const { session } of this.peers.values()) session?.close(true);
  }

  /** Says goodbye to everybody: the page is going away. */
  close(): void {
    this.closed = true;
    for (const id of [...this.peers.keys()]) this.unwatch(id);
  }

  private met(peer: Peer, link: Link, secret: Uint8Array): void {
    const isUnwanted = this.closed || this.over || this.peers.get(peer.contact.id) !== peer;
    if (isUnwanted || peer.handshakes >= MAX_HANDSHAKES) {
      link.close();
      return;
    }
    peer.handshakes += 1;
    this.options.events.changed(peer.contact.id);
    const initiates = sessionRole(this.options.self.fingerprint, peer.contact.fingerprint) === 'initiator';
    const shake = () => this.shake(peer, link, secret);
    const handshake = initiates ? peer.turn.then(shake) : shake();
    if (initiates) peer.turn = handshake;
    void handshake.finally(() => {
      peer.handshakes -= 1;
      if (!peer.session && peer.handshakes === 0) for (const one of peer.appointments.values()) one.linkFailed();
      this.options.events.changed(peer.contact.id);
    });
  }

  private async shake(peer: Peer, link: Link, secret: Uint8Array): Promise<void> {
    const { self, clock, random, log } = this.options;
    const { bundle, fingerprint } = peer.contact;
    // Nobody before first contact, and then there is no secret to meet under either.
    if (!bundle) return link.close();
    try {
      const session = await establish({
        link,
        self,
        peer: { bundle, fingerprint },
        secrets: [secret],
        clock,
        random,
        log,
      });
      // The switch may have been turned while the two shook hands.
      const shows = session.route === 'direct' && this.options.relayOnly();
      if (shows || this.over || this.peers.get(peer.contact.id) !== peer) return session.close(true);
      this.handshakes += 1;
      this.options.events.proven(peer.contact.id, secret);
      this.replace(peer, session);
    } catch (error) {
      log('debug', 'handshake ended', { kind: kindOf(error) });
      link.close();
    }
  }

  private replace(peer: Peer, session: Session): void {
    const { events } = this.options;
    const before = peer.session;
    peer.session = session;
    if (session.route === 'direct') peer.unopened = false;
    before?.close(true);
    let isGrownUp = false;
    const growing = this.options.clock.after(GROWN_UP_MS, () => {
      isGrownUp = true;
      peer.rest.round = 0;
    });
    session.onClose((end) => {
      growing.cancel();
      this.bytesOfEnded.in += session.bytesIn;
      this.bytesOfEnded.out += session.bytesOut;
      if (peer.session !== session) return;
      peer.session = undefined;
      // They talk nonsense, or cannot be answered: nothing of which a lost link makes an end.
      const isOurs = end === 'frame-malformed' || this.givenUp.has(session);
      if (isOurs && !isGrownUp) this.letRest(peer);
      else this.tellAppointments(peer);
      events.nodesChanged();
      events.ended(peer.contact.id);
      events.changed(peer.contact.id);
    });
    this.tellAppointments(peer);
    events.nodesChanged();
    events.live(peer.contact.id, session);
    events.changed(peer.contact.id);
  }

  private letRest(peer: Peer): void {
    for (const appointment of peer.appointments.values()) appointment.cancel();
    peer.appointments.clear();
    peer.rest.start(LONGEST_REST_MS);
  }

  private restOver(contactId: string): void {
    const peer = this.peers.get(contactId);
    if (peer) inBackground(this.options.log, 'contact not looked for', this.watch(peer.contact));
  }

  private tellAppointments(peer: Peer): void {
    // Also a session over their neighbour's link would do better with one of its own.
    const by = peer.session?.way ? 'relayed' : peer.session !== undefined;
    for (const appointment of peer.appointments.values()) appointment.satisfied(by);
  }
}
