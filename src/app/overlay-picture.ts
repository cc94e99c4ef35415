// The overlay as a small picture: me in the middle, neighbours around me, and the contacts I am connected with outside them.
// Only where things stand; ui/ draws them. Nothing moves by itself, so that a picture of the same network is the same picture.
import type { ConversationView, OverlayView } from '../core/node-api.ts';

/** Units of the drawing; the middle is 0, 0. */
export const PICTURE = { width: 360, height: 296, neighbours: 78, contacts: 122 } as const;

/** More faces than these would touch; the list beside the picture has everybody. */
const MAX_FACES = 14;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface NeighbourDot extends Point {
  readonly id: string;
  readonly pinned: boolean;
}

export interface ContactFace extends Point {
  readonly id: string;
  readonly name: string;
  readonly route: 'direct' | 'relayed';
  /** Where its line leaves from: me, or the neighbour it runs through. */
  readonly from: Point;
}

export interface OverlayPicture {
  readonly neighbours: readonly NeighbourDot[];
  readonly contacts: readonly ContactFace[];
  /** Connected contacts that did not fit. */
  readonly more: number;
}

const ME: Point = { x: 0, y: 0 };
/** How far, in turns, a direct line keeps from a neighbour that it would otherwise run across. */
const CLEARANCE = 0.025;
const TURN = 2 * Math.PI;

/** A tenth of a unit is finer than any screen. */
const round = (value: number) => Math.round(value * 10) / 10;

/** Turns from the top, clockwise. */
function at(turns: number, radius: number): Point {
  return { x: round(Math.sin(turns * TURN) * radius), y: round(-Math.cos(turns * TURN) * radius) };
}

export function drawOverlay(overlay: OverlayView, conversations: readonly ConversationView[]): OverlayPicture {
  const sorted = [...overlay.neighbours].sort((a, b) => (a.id < b.id ? -1 : 1));
  const turnsOf = new Map(sorted.map(({ id }, index) => [id, index / sorted.length]));
  const neighbours = sorted.map(({ id, pinned }) => ({ id, pinned, ...at(turnsOf.get(id) ?? 0, PICTURE.neighbours) }));
  // A group has no route of its own.
  const connected = conversations.filter(({ presence, route }) => presence === 'online' && route !== 'none');
  const placed = place(connected.slice(0, MAX_FACES), overlay, turnsOf);
  return { neighbours, contacts: placed, more: Math.max(0, connected.length - MAX_FACES) };
}

/** Faces stand evenly, in the order of the neighbours they are reached through, the first right above its own. */
function place(
  contacts: readonly ConversationView[],
  overlay: OverlayView,
  turnsOf: ReadonlyMap<string, number>,
): ContactFace[] {
  const via = new Map(overlay.circuits.map((circuit) => [circuit.conversationId, circuit.via]));
  const wanted = contacts.map((view) => ({ view, turns: turnsOf.get(via.get(view.id) ?? '') }));
  const ordered = wanted.sort(
    (a, b) => (a.turns ?? 2) - (b.turns ?? 2) || (a.view.id < b.view.id ? -1 : a.view.id > b.view.id ? 1 : 0),
  );
  // Half a step beside the first neighbour where nobody is reached through one: lines then pass between the dots.
  const start = ordered[0]?.turns ?? 0.5 / Math.max(1, turnsOf.size);
  return ordered.map(({ view, turns }, index) => {
    const even = start + index / ordered.length;
    const through = view.route === 'relayed' ? turns : undefined;
    return {
      id: view.id,
      name: view.name,
      route: view.route === 'relayed' ? 'relayed' : 'direct',
      from: through === undefined ? ME : at(through, PICTURE.neighbours),
      ...at(through === undefined ? beside(even, turnsOf.size) : even, PICTURE.contacts),
    };
  });
}

/** The nearest direction in which no neighbour stands; they stand evenly, the first at the top. */
function beside(turns: number, neighbours: number): number {
  if (neighbours === 0) return turns;
  const off = turns - Math.round(turns * neighbours) / neighbours;
  if (Math.abs(off) >= CLEARANCE) return turns;
  const half = 0.5 / neighbours;
  return turns - off + (off < 0 ? -1 : 1) * Math.min(CLEARANCE, half);
}
