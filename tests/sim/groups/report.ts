// What must hold of a group after it has healed, and what it cost, as `npm run sim:groups` prints it.
import { MAX_LINKS } from '../../../src/core/group/gossip/neighbours.ts';
import { hasJoined } from '../../../src/core/group/members-view.ts';
import type { CostKind } from './cost.ts';
import type { Member } from './member.ts';
import { type GroupSimulation, lackingOf } from './simulation.ts';

/** Cost that grows with what is written. Receipts go by time. */
const BY_MESSAGE: readonly CostKind[] = ['messages', 'keys', 'names', 'history', 'membership'];
/** Bytes that a message costs each member in the largest group beside the smallest: constant, but for chance. */
const MAX_GROWTH = 1.25;
/** Frames for each message and member in a group of any size: the message, asking for it where its key is not there and the answer, names. */
const MAX_FRAMES = 4;

export type GroupReport = ReturnType<typeof report>;

const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;
const quantile = (values: readonly number[], rank: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(rank * values.length) - 1)] ?? 0;

export function report(simulation: GroupSimulation) {
  const { options, cost, current, written, talkMs, circuitBytes } = simulation;
  const perKind = (of: ReadonlyMap<CostKind, number>, per: number) =>
    Object.fromEntries([...of].sort().map(([kind, sum]) => [kind, round(sum / per, 3)]));
  const sum = (of: ReadonlyMap<CostKind, number>, which: readonly CostKind[]) =>
    which.reduce((total, kind) => total + (of.get(kind) ?? 0), 0);
  const [frames, bytes] = [sum(cost.frames, BY_MESSAGE), sum(cost.bytes, BY_MESSAGE)];
  const { members } = options;
  const receiptBytes = cost.bytes.get('receipts') ?? 0;
  return {
    ...options,
    written,
    ...checked(simulation),
    mostLinks: Math.max(...[...simulation.members.values()].map(({ mostLinks }) => mostLinks)),
    mostLinksAtOnce: Math.max(...[...simulation.members.values()].map(({ mostAtOnce }) => mostAtOnce)),
    departures: simulation.departures,
    restarts: simulation.restarts,
    sessions: cost.sessions,
    talkSeconds: round(talkMs / 1_000, 0),
    healSeconds: round(simulation.healMs / 1_000, 0),
    delayP50Ms: quantile(cost.delays, 0.5),
    delayP95Ms: quantile(cost.delays, 0.95),
    framesPerMessage: round(frames / written, 1),
    bytesPerMessage: round(bytes / written, 0),
    framesPerMessageAndMember: round(frames / written / members),
    bytesPerMessageAndMember: round(bytes / written / members, 0),
    byKind: {
      framesPerMessageAndMember: perKind(cost.frames, written * members),
      bytesPerMessageAndMember: perKind(cost.bytes, written * members),
    },
    receiptBytesPerMemberAndSecond: round(receiptBytes / members / ((talkMs + simulation.healMs) / 1_000), 0),
    circuitBytesPerMessageAndMember: round(circuitBytes / written / members, 0),
    refusals: Object.fromEntries(cost.refusals),
    membersAtTheEnd: current.length,
  };
}

function checked({ current, members, wrong }: GroupSimulation) {
  const problems = [...wrong];
  const union = new Map<string, number>();
  for (const { group } of current) for (const { entry } of group.history.shown()) union.set(entry.hash, 0);
  let missing = 0;
  for (const { member, hashes, drafts } of lackingOf(current)) {
    missing += hashes.length;
    if (hashes.length > 0) problems.push(`${member.name} lacks ${hashes.length} messages`);
    if (drafts > 0) problems.push(`${member.name} still waits with ${drafts} messages`);
  }
  const orders = ordersThatDiffer(current);
  const duplicates = current.reduce((sum, member) => sum + duplicatesOf(member), 0);
  const readLater = [...members.values()]
    .filter(({ isMember }) => !isMember)
    .reduce((sum, { id, group }) => sum + group.history.all().filter(({ view }) => !hasJoined(view, id)).length, 0);
  const rosters = new Set(current.map(({ group }) => JSON.stringify(group.members.view.members().map(({ id }) => id))));
  return { delivered: union.size, missing, orders, duplicates, readLater, rosters: rosters.size, problems };
}

/** How many members show what they share with the first in another order. */
function ordersThatDiffer([first, ...others]: readonly Member[]): number {
  const shownBy = (member: Member | undefined) => member?.group.history.shown().map(({ entry }) => entry.hash) ?? [];
  const reference = shownBy(first);
  return others.filter((other) => {
    const theirs = shownBy(other);
    const [mineSet, theirSet] = [new Set(reference), new Set(theirs)];
    return reference.filter((hash) => theirSet.has(hash)).join() !== theirs.filter((hash) => mineSet.has(hash)).join();
  }).length;
}

/** Shown twice, or told as new twice by one page. */
function duplicatesOf({ group, told }: Member): number {
  const texts = group.history
    .shown()
    .map(({ entry: { message } }) => (message.body.type === 'text' ? message.body.text : ''));
  return texts.length - new Set(texts).size + [...told.values()].filter((times) => times > 1).length;
}

/** One line for each claim that failed. */
export function missed(result: GroupReport): string[] {
  const most = (what: string, value: number, bound: number) =>
    value <= bound ? [] : [`${what}: ${value}, at most ${bound} expected`];
  const all = result.changes ? [] : most('messages that nobody has', result.written - result.delivered, 0);
  return [
    ...result.problems,
    ...all,
    ...most('messages missing', result.missing, 0),
    ...most('members with another order', result.orders, 0),
    ...most('messages shown or told twice', result.duplicates, 0),
    ...most('messages read after a removal', result.readLater, 0),
    ...most('different lists of members', result.rosters, 1),
    ...most('links of one member', result.mostLinks, MAX_LINKS),
  ].map((line) => `${result.members} members: ${line}`);
}

/** Whether a message costs each member the same in the largest of these groups as in the smallest. */
export function growth(results: readonly GroupReport[]): { readonly ratios: object; readonly missed: string[] } {
  const [small, large] = [results[0], results.at(-1)];
  if (!small || !large || small === large) return { ratios: {}, missed: [] };
  const ratios = {
    members: large.members / small.members,
    framesTotal: round(large.framesPerMessage / small.framesPerMessage),
    bytesTotal: round(large.bytesPerMessage / small.bytesPerMessage),
    framesPerMember: round(large.framesPerMessageAndMember / small.framesPerMessageAndMember),
    bytesPerMember: round(large.bytesPerMessageAndMember / small.bytesPerMessageAndMember),
  };
  const frames = results.filter(({ framesPerMessageAndMember }) => framesPerMessageAndMember > MAX_FRAMES);
  return {
    ratios,
    missed: [
      ...(ratios.bytesPerMember > MAX_GROWTH
        ? [`bytes for each message and member grow ${ratios.bytesPerMember} times, at most ${MAX_GROWTH} expected`]
        : []),
      ...frames.map(
        ({ members }) => `${members} members: frames for each message and member, at most ${MAX_FRAMES} expected`,
      ),
    ],
  };
}
