// What people and the adversary may do in one step of a schedule. Each act answers what it did, or undefined where there was nothing to do it
// to; all chance comes from the schedule.
import type { OutgoingFile } from '../../src/core/node-api.ts';
import type { Mischief } from './air.ts';
import type { Device, Going } from './device.ts';
import { InstantFile } from './instant-file.ts';
import type { Schedule } from './schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const HOLES = [3 * SECOND, 8 * SECOND, 20 * SECOND, 60 * SECOND, 10 * MINUTE];
const JUMPS = [1, SECOND, 20 * SECOND, 10 * MINUTE, HOUR, 10 * HOUR, 80 * HOUR];
const SIZES = [0, 1, 5_000, 65_536, 65_537, 150_000, 300_000];
const TEXTS = [0, 0, 0, 0, 40, 2_000, 30_000];
const DELAYS = [0, 20, 150, 800, 4 * SECOND];
const COMMITS = [0, 0, 2, 15, 120, 900];

type Act = (this: Schedule) => string | undefined;

/** Each act and how often it comes; `harm`: only in schedules that have it. */
export const acts: readonly (readonly [
  name: string,
  weight: number,
  act: Act,
  kind?: 'tabs' | 'harm' | 'clock' | 'room',
])[] = [
  ['write', 30, write],
  ['burst', 3, burst],
  ['send', 7, sendFile],
  ['look', 8, look],
  ['cancel', 3, cancel],
  ['stop', 2, stop],
  ['retry', 4, retry],
  ['remove', 1, remove],
  ['expire', 1, expire],
  ['cut', 6, cut],
  ['hole', 6, hole],
  ['clear', 3, clear],
  ['delay', 3, delay],
  ['meddle', 7, meddle],
  ['tracker', 1, tracker],
  ['down', 6, goDown],
  ['plan', 8, planCrash],
  ['start', 14, start],
  ['both', 1, both],
  ['freeze', 3, freeze],
  ['slow disk', 2, slowDisk],
  ['open tab', 3, openTab, 'tabs'],
  ['close tab', 4, closeTab, 'tabs'],
  ['jump', 3, jump, 'clock'],
  ['room', 3, room, 'room'],
  ['copy', 2, keepCopy, 'harm'],
  ['restore', 1, restore, 'harm'],
  ['damage', 2, damage, 'harm'],
];

function write(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [from, to] = pair;
  const text = this.name(from, to) + '.'.repeat(this.of(TEXTS));
  this.witness.types(text, from, to);
  const sent = this.node(from).sendText(this.world.idOf(from, to), text);
  sent.then(
    (result) => result.ok && this.witness.accept(result.value.messageId, from, to),
    () => {},
  );
  return text.slice(0, 30);
}

function burst(this: Schedule): string | undefined {
  const done = [1, 2, 3, 4, 5].map(() => write.call(this)).filter((one) => one !== undefined);
  return done.length > 0 ? done.join('; ') : undefined;
}

function sendFile(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [from, to] = pair;
  const name = this.name(from, to);
  const bytes = new Uint8Array(this.of(SIZES)).fill(this.files.size + 1);
  this.files.set(name, bytes);
  this.witness.types(name, from, to);
  const id = this.world.idOf(from, to);
  const messageId = Buffer.from(this.random.bytes(16)).toString('hex');
  const file: OutgoingFile = { file: new InstantFile(bytes, name), thumbnail: null, asFile: true, messageId };
  const node = this.node(from);
  if (this.random.fraction() < 0.3) node.prepareFile(id, messageId, file.file, true).catch(() => {});
  node.sendFiles(id, [file]).then(
    (result) => result.ok && this.witness.accept(messageId, from, to),
    () => {},
  );
  return `${name}, ${bytes.length} bytes`;
}

function look(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [reader, from] = pair;
  const seen = this.maybe(this.witness.storedFrom(reader, from).slice(-4));
  if (!seen) return undefined;
  this.witness.looked(reader, from, seen.position);
  this.node(reader)
    .markRead(this.world.idOf(reader, from), seen.position)
    .catch(() => {});
  return `${reader.name} up to ${seen.text.slice(0, 20)}`;
}

function cancel(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [from, to] = pair;
  const waiting = this.witness.writtenTo(from, to).filter(({ state }) => state === 'queued' || state === 'sent');
  const message = this.maybe(waiting);
  if (!message) return undefined;
  // What was handed to a link cannot be called back.
  if (message.state === 'queued' && !message.everSent) this.witness.excuses.of(message.id).cancelled = true;
  this.node(from)
    .cancelMessage(this.world.idOf(from, to), message.id)
    .catch(() => {});
  return message.text.slice(0, 30);
}

/** Either side stops a file. */
function stop(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [one, other] = pair;
  const going = this.witness.writtenTo(one, other).filter(({ isFile, state }) => isFile && state === 'sent');
  const coming = this.witness.storedFrom(one, other).filter(({ fileState }) => fileState === 'waiting');
  const file = this.maybe([...going, ...coming]);
  if (!file) return undefined;
  const deeds = this.witness.excuses.of(file.id);
  if (file.from === one) deeds.cancelled = true;
  else deeds.stoppedByReader = true;
  this.node(one)
    .cancelTransfer(this.world.idOf(one, other), file.id)
    .catch(() => {});
  return `${one.name} stops ${file.text}`;
}

function retry(this: Schedule): string | undefined {
  const message = droppedOne(this);
  if (!message) return undefined;
  this.node(message.from)
    .retryMessage(this.world.idOf(message.from, message.to), message.id)
    .catch(() => {});
  return message.text.slice(0, 30);
}

function remove(this: Schedule): string | undefined {
  const message = droppedOne(this);
  if (!message) return undefined;
  this.witness.excuses.of(message.id).removed = true;
  this.node(message.from)
    .removeMessage(this.world.idOf(message.from, message.to), message.id)
    .catch(() => {});
  return message.text.slice(0, 30);
}

function droppedOne(schedule: Schedule) {
  const pair = schedule.pair();
  if (!pair) return undefined;
  return schedule.maybe(schedule.witness.writtenTo(...pair).filter(({ state }) => state === 'dropped'));
}

function expire(this: Schedule): string | undefined {
  const pair = this.pair();
  if (!pair) return undefined;
  const [from, to] = pair;
  const after = this.of([0, 20 * SECOND, 2 * MINUTE]);
  this.node(from)
    .setGiveUpAfter(this.world.idOf(from, to), after)
    .catch(() => {});
  return `${from.name} after ${after}`;
}

function cut(this: Schedule): string | undefined {
  const [one, other] = this.two();
  const link = this.maybe(this.world.air.open(one.name, other.name));
  link?.cut();
  return link && `${one.name} and ${other.name}`;
}

function hole(this: Schedule): string {
  const [one, other] = this.two();
  const length = this.of(HOLES);
  this.world.air.between(one.name, other.name).holed = true;
  this.world.time.after(length, () => this.world.air.clear(one.name, other.name));
  return `between ${one.name} and ${other.name} for ${length} ms`;
}

function clear(this: Schedule): string {
  const [one, other] = this.two();
  this.world.air.clear(one.name, other.name);
  return `${one.name} and ${other.name}`;
}

function delay(this: Schedule): string {
  const [one, other] = this.two();
  const by = this.of(DELAYS);
  this.world.air.between(one.name, other.name).delayMs = by;
  return `${one.name} and ${other.name} by ${by} ms`;
}

function meddle(this: Schedule): string | undefined {
  const [one, other] = this.two();
  const link = this.maybe(this.world.air.open(one.name, other.name));
  if (!link) return undefined;
  link.mischief = this.of<Mischief>(['corrupt', 'repeat', 'swap', 'swallow']);
  return `${link.mischief} the next frame of ${one.name} to ${other.name}`;
}

function tracker(this: Schedule): string {
  if (!this.world.tracker.isUp) {
    this.world.tracker.goUp();
    return 'up';
  }
  this.world.tracker.goDown();
  this.world.time.after(this.of(HOLES), () => this.world.tracker.goUp());
  return 'down';
}

const GOINGS: readonly Going[] = ['power', 'kill', 'close'];

function down(schedule: Schedule, device: Device, how: Going): void {
  device.down(how);
  schedule.witness.reread(device, false);
}

function goDown(this: Schedule): string | undefined {
  const device = this.device();
  if (!device.isUp) return undefined;
  const how = this.of(GOINGS);
  down(this, device, how);
  if (this.random.fraction() < 0.5) device.openTab();
  return `${device.name}: ${how}${device.isUp ? ', and back' : ''}`;
}

function both(this: Schedule): string {
  for (const device of this.world.devices) if (device.isUp) down(this, device, this.of(GOINGS));
  for (const device of this.world.devices) device.openTab();
  return 'restart';
}

function planCrash(this: Schedule): string | undefined {
  const device = this.device();
  if (!device.isUp) return undefined;
  const commits = 1 + Math.floor(4 * this.random.fraction());
  const side = this.of(['before', 'after'] as const);
  const how = this.of(['power', 'kill'] as const);
  const fell = () => this.witness.reread(device, false);
  device.plan = { commits, side, how, fell };
  return `${device.name}: ${how} ${side} commit ${commits}`;
}

function start(this: Schedule): string | undefined {
  const device = this.maybe(this.world.devices.filter(({ isUp }) => !isUp));
  device?.openTab();
  return device?.name;
}

function freeze(this: Schedule): string | undefined {
  const device = this.device();
  if (!device.isUp) return undefined;
  const length = this.of(HOLES);
  device.freeze();
  this.world.time.after(length, () => device.thaw());
  return `${device.name} for ${length} ms`;
}

function slowDisk(this: Schedule): string {
  const device = this.device();
  device.commitMs = this.of(COMMITS);
  return `${device.name}: up to ${device.commitMs} ms`;
}

function openTab(this: Schedule): string | undefined {
  const device = this.device();
  if (!device.isUp || device.tabs.length > 2) return undefined;
  device.openTab();
  return `${device.name} has ${device.tabs.length}`;
}

function closeTab(this: Schedule): string | undefined {
  const device = this.device();
  if (device.tabs.length < 2) return undefined;
  const tab = this.of(device.tabs);
  const how = this.of(['kill', 'close'] as const);
  const was = tab === device.leader ? 'the one that leads' : 'one that follows';
  device.closeTab(tab, how);
  return `${device.name}: ${how} ${was}`;
}

function jump(this: Schedule): string {
  const device = this.device();
  const by = this.of(JUMPS) * this.of([1, -1]);
  device.setClock(Math.abs(device.ahead + by) > 80 * HOUR ? 0 : device.ahead + by);
  return `${device.name} is ${device.ahead} ms ahead`;
}

function room(this: Schedule): string {
  const device = this.device();
  device.disk.setFull(!device.disk.isFull);
  if (device.disk.isFull) this.world.time.after(this.of(HOLES), () => device.disk.setFull(false));
  return `${device.name}: ${device.disk.isFull ? 'none' : 'enough'}`;
}

function keepCopy(this: Schedule): string {
  const device = this.device();
  this.copies.set(device, device.disk.copy());
  return device.name;
}

function restore(this: Schedule): string | undefined {
  const device = this.device();
  const copy = this.copies.get(device);
  if (!copy) return undefined;
  device.restore(copy);
  this.witness.reread(device, true);
  device.openTab();
  return device.name;
}

/** A record, or a unit of a file, is not what was written there. */
function damage(this: Schedule): string | undefined {
  const device = this.device();
  const table = this.of(['messages', 'messages', 'message-keys', 'outbox', 'files', 'units'] as const);
  if (table === 'units') {
    const name = this.maybe([...device.disk.files.files.keys()]);
    if (name === undefined) return undefined;
    const { length } = device.disk.files.files.get(name) ?? { length: 0 };
    if (length === 0) return undefined;
    this.witness.rotten(device, name, device.disk.files.rot(name, Math.floor(this.random.fraction() * length)));
    return `a unit of ${name} at ${device.name}`;
  }
  const key = this.maybe([...(device.disk.durable.get(table)?.keys() ?? [])]);
  if (key === undefined) return undefined;
  device.disk.damage(table, key);
  this.witness.damaged(device, table, key);
  return `${table} ${key} at ${device.name}`;
}
