// The end of a schedule: everything is healed, time runs until nothing moves, and then what people have must be what was written.
import type { MessageView } from '../../src/core/node-api.ts';
import type { Device } from './device.ts';
import type { Witness } from './witness.ts';
import { nodeOf, type World } from './world.ts';

/** Nothing takes longer once all is well: a back-off of two minutes, a few of them in vain, and an hour until a wrong day is noticed. */
const LONGEST_MS = 2.5 * 3_600_000;
/** Nobody who is well connects so often. */
const MOST_LINKS = 400;
const PAGE = 1000;
const TOLD_WITHIN_MS = 120_000;
const LOOKED_AT_MS = 100;

/** `look` is called all the while. */
export async function heal(world: World, witness: Witness, look: () => void): Promise<void> {
  world.air.clearAll();
  world.tracker.goUp();
  for (const device of world.devices) {
    device.plan = undefined;
    device.setClock(0);
    device.commitMs = 0;
    device.disk.setFull(false);
    device.thaw();
    if (!device.isUp) device.openTab();
  }
  const most = world.air.opened + MOST_LINKS;
  const isFutile = () => {
    look();
    return world.air.opened > most;
  };
  const settled = () => pairs(world).every(([from, to]) => unsettled(witness, from, to).length === 0);
  const online = () => pairs(world).every(([from, to]) => witness.saysOnline(from, to));
  await world.until(() => isFutile() || online(), LONGEST_MS);
  if (!online()) {
    witness.blame('deadlocked: they do not meet again');
    return;
  }
  await world.until(() => isFutile() || settled(), LONGEST_MS);
  for (const [from, to] of pairs(world))
    for (const { text, state } of unsettled(witness, from, to)) witness.blame(`deadlocked: ${text} stays ${state}`);
  // What was given up still has to be told, and may turn out to be there.
  await world.until(() => isFutile() || world.devices.every(hasToldAll), TOLD_WITHIN_MS);
}

function hasToldAll({ disk }: Device): boolean {
  const rows = [...(disk.written.get('outbox')?.keys() ?? [])];
  return rows.every((key) => disk.damaged.has(`outbox\n${key}`));
}

function unsettled(witness: Witness, from: Device, to: Device) {
  return witness.writtenTo(from, to).filter(({ id, state }) => {
    const isOver = state === 'delivered' || state === 'read' || state === 'dropped';
    return !isOver && !from.disk.damaged.has(placeOf(witness, from, id));
  });
}

const placeOf = (witness: Witness, from: Device, id: string) => {
  const message = witness.written.get(from)?.get(id);
  return message ? `messages\n${witness.keyOf(from, message.to, message.position)}` : '';
};

export function pairs({ devices }: World): [Device, Device][] {
  return devices.flatMap((from) => devices.filter((to) => to !== from).map((to): [Device, Device] => [from, to]));
}

export async function judge(world: World, witness: Witness, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await everybodyLooks(world);
  for (const [from, to] of pairs(world)) {
    const sent = (await shown(world, from, to)).filter(({ direction }) => direction === 'out');
    const got = (await shown(world, to, from)).filter(({ direction }) => direction === 'in');
    judgeSent(witness, from, to, sent, got);
    judgeGot(witness, from, to, sent, got);
    for (const view of got) if (view.attachment?.state === 'complete') await judgeFile(world, witness, to, view, files);
  }
}

/** Looking at a file whose message has not heard that it is whole tells it so, and then its writer. */
async function everybodyLooks(world: World): Promise<void> {
  for (const [one, other] of pairs(world)) await shown(world, one, other);
  await world.pass(LOOKED_AT_MS);
}

/** As a screen has it. */
async function shown(world: World, one: Device, other: Device): Promise<readonly MessageView[]> {
  return (await world.outcome(nodeOf(one).listMessages(world.idOf(one, other), null, PAGE))) ?? [];
}

type Shown = readonly MessageView[];

/** Lost, falsely delivered, falsely dropped. */
function judgeSent(witness: Witness, from: Device, to: Device, sent: Shown, got: Shown): void {
  const there = new Map(got.map((view) => [view.id, view]));
  const mine = new Map(sent.map((view) => [view.id, view]));
  for (const [id, accepted] of witness.accepted) {
    if (accepted.from !== from || accepted.to !== to || mine.has(id)) continue;
    if (!witness.excuses.of(id).removed && !witness.excuses.isHarmed(from, id, 'record', 'gone'))
      witness.blame(`lost: ${id} of ${from.name} is shown to nobody`);
  }
  for (const { id, state, reason, text, attachment } of sent) {
    const { cancelled } = witness.excuses.of(id);
    const other = there.get(id);
    const isThere = other !== undefined && (!attachment || other.attachment?.state === 'complete');
    const name = attachment?.name ?? text;
    // Of a file that was whole its reader may know less when what said so is damaged before its message has heard of it.
    const wasThere = witness.excuses.isHarmed(
      to,
      id,
      ...(other ? (['file', 'behind'] as const) : (['record', 'gone', 'lost'] as const)),
    );
    if ((state === 'delivered' || state === 'read') && !isThere && !wasThere) witness.blame(`lost: ${name}, ${state}`);
    // Whoever stops a file that moves says no more than that they stopped it.
    const mayHave =
      witness.excuses.isHarmed(from, id, 'behind') || (attachment !== null && reason === 'cancelled' && cancelled);
    if (state === 'dropped' && isThere && !mayHave)
      witness.blame(`falsely dropped: ${name} as ${reason}, and it is there`);
  }
}

/** Shown twice, out of order, a gap where there is none. */
function judgeGot(witness: Witness, from: Device, to: Device, sent: Shown, got: Shown): void {
  const ids = got.map(({ id }) => id);
  if (new Set(ids).size < ids.length) witness.blame(`shown twice: ${to.name} has a message of ${from.name} twice`);
  const place = new Map(ids.map((id, index) => [id, index]));
  let last = -1;
  for (const { id, text, attachment } of sent) {
    const at = place.get(id);
    // Whoever has no room refuses, and takes it when it comes again; that this was said may be lost with the power.
    if (at === undefined || witness.excuses.mayMove(id, from, to)) continue;
    if (at < last) witness.blame(`out of order: ${attachment?.name ?? text} of ${from.name} at ${to.name}`);
    last = Math.max(last, at);
  }
  judgeGaps(witness, from, to, sent, got);
}

/** What is said to be missing was refused, and its writer says so, or nobody has it any more. What a writer gave up leaves no gap. */
function judgeGaps(witness: Witness, from: Device, to: Device, sent: Shown, got: Shown): void {
  const missing = witness.conversation(to, from)?.missing ?? [];
  const refused = new Set(sent.flatMap(({ id, reason }) => (reason === 'disk-full' ? id : [])));
  const isTrue = (id: string) => refused.has(id) || witness.excuses.mayBeMissing(id, from, to);
  for (const seq of missing)
    if (!witness.numbered(from, to, seq).some(isTrue))
      witness.blame(`lost: ${to.name} is told that number ${seq} of ${from.name} has not arrived`);
  const told = got.reduce((sum, { missingBefore }) => sum + missingBefore, 0);
  if (told > missing.length) witness.blame(`lost: ${to.name} is told that ${told} of ${from.name} have not arrived`);
  judgeSilence(witness, from, to, sent);
}

/** A message whose id its reader does not know, below the highest number that is known there, is said to be missing. */
function judgeSilence(witness: Witness, from: Device, to: Device, sent: Shown): void {
  const conversation = witness.conversation(to, from);
  if (!conversation) return;
  const { missing, peerSeq } = conversation;
  for (const { id, text, attachment } of sent) {
    const seq = witness.written.get(from)?.get(id)?.seq ?? 0;
    // Whoever puts back an older disk gives numbers once more.
    const isAlone = witness.numbered(from, to, seq).length === 1;
    if (isAlone && seq <= peerSeq && !missing.includes(seq) && !witness.isKnown(to, from, id))
      witness.blame(`lost: ${attachment?.name ?? text}, and ${to.name} is told of no gap`);
  }
}

async function judgeFile(
  world: World,
  witness: Witness,
  reader: Device,
  view: MessageView,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const name = view.attachment?.name ?? '';
  const [tab] = reader.tabs;
  if (!tab) return;
  const opened = await world.outcome(reader.loading(tab, tab.node.openAttachment(view.conversationId, view.id)));
  if (!opened?.ok) {
    if (!witness.excuses.isHarmed(reader, view.id, 'file', 'units'))
      witness.blame(`lost: ${name} does not open at ${reader.name}`);
    return;
  }
  const bytes = Buffer.from(await opened.value.blob.arrayBuffer());
  const original = files.get(name);
  if (!original || !bytes.equals(original)) witness.blame(`lost: ${name} is another file at ${reader.name}`);
}
