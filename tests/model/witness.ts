// The model of delivery (CHAT.md, "The model"): sees every record that reaches a disk and everything a screen is told, and knows what
// people did and what was done to them. What is claimed must be true at the moment it is written down; `wrong` says what was not.
import { toHex } from '../../src/core/bytes/hex.ts';
import {
  type ConversationRecord,
  decodeConversation,
  decodeMessage,
  decodeOutbox,
  decodePlace,
  type MessageRecord,
  positionOfKey,
} from '../../src/core/chat/records.ts';
import { kindOf } from '../../src/core/errors.ts';
import type { MessageView, NodeEvent, Snapshot } from '../../src/core/node-api.ts';
import type { Table, Write } from '../../src/core/ports/store.ts';
import { decodeRecord } from '../../src/core/transfer/records.ts';
import type { Device } from './device.ts';
import { Excuses } from './excuses.ts';
import type { World } from './world.ts';

/** A message on the disk of whoever wrote it. */
export interface Written {
  readonly id: string;
  readonly from: Device;
  readonly to: Device;
  readonly position: number;
  readonly seq: number;
  readonly isFile: boolean;
  readonly text: string;
  readonly state: MessageRecord['state'];
  readonly reason: MessageRecord['reason'];
  readonly everSent: boolean;
  /** When it was written, or tried again, by its writer's clock. */
  readonly at: number;
}

/** A message on the disk of whoever it was for. */
export interface Stored {
  readonly id: string;
  readonly from: Device;
  readonly position: number;
  readonly isFile: boolean;
  readonly text: string;
  readonly fileState: MessageRecord['fileState'];
}

/** A record is looked at when it is seen and again when it survives. */
const decoded = new WeakMap<Uint8Array, MessageRecord>();

function messageOf(value: Uint8Array): MessageRecord {
  const record = decoded.get(value) ?? decodeMessage(value);
  decoded.set(value, record);
  return record;
}

export class Witness {
  readonly wrong: string[] = [];
  /** By device, then id: what is on its disk now. */
  readonly written = new Map<Device, Map<string, Written>>();
  readonly stored = new Map<Device, Map<string, Stored>>();
  /** `reader id`: whole and sure to survive at some time. */
  readonly everStored = new Set<string>();
  /** `reader id`: a person there has looked at it. */
  readonly everSeen = new Set<string>();
  /** Ids that a person was told are written. */
  readonly accepted = new Map<string, { readonly from: Device; readonly to: Device }>();
  readonly excuses = new Excuses();
  /** What a person typed: by text. */
  readonly typed = new Map<string, string>();
  /** The last that each screen was told. */
  readonly snapshots = new Map<Device, Snapshot>();
  readonly #ids = new Map<string, string>();
  /** By text, by the time of the world. */
  readonly #typedAt = new Map<string, number>();
  /** By device: keys of the index, of what was ever there. */
  readonly #known = new Map<Device, Set<string>>();
  /** `Ana>Ben 7`: ids that ever had this number. */
  readonly #numbered = new Map<string, Set<string>>();
  /** `Ana>Ben`, milliseconds, before the commit that is looked at. */
  readonly #giveUpAfter = new Map<string, number>();
  #mark = '';
  readonly #others = new Map<string, Device>();
  /** By device and file: whether the units that rotted there have been read since. */
  readonly #rots = new Map<string, readonly (() => boolean)[]>();

  constructor(private readonly world: World) {
    for (const device of world.devices) {
      this.written.set(device, new Map());
      this.stored.set(device, new Map());
      this.#known.set(device, new Set());
      for (const other of world.devices)
        if (other !== device) this.#others.set(`${device.name} ${world.idOf(device, other)}`, other);
      device.disk.watch = (writes, survives) => this.#saw(device, writes, survives);
      device.disk.hadNoRoom = (writes) => this.#hadNoRoom(device, writes);
      device.disk.fileHadNoRoom = (name) => this.#fileHadNoRoom(device, name);
      device.told = (event) => this.#told(device, event);
      device.failed = (error) => this.blame(`${device.name} cannot open Kith: ${kindOf(error)}`);
    }
  }

  /** What goes wrong from now on is said of this step. */
  at(mark: string): void {
    this.#mark = mark;
  }

  blame(what: string): void {
    this.wrong.push(`${this.#mark}: ${what.replaceAll(/\.{2,}/g, '…')}`);
  }

  /** The screen of one says that the other is there. */
  saysOnline(one: Device, other: Device): boolean {
    const id = this.world.idOf(one, other);
    const told = this.snapshots.get(one)?.conversations.find((conversation) => conversation.id === id);
    return told?.presence === 'online';
  }

  writtenTo(from: Device, to: Device): Written[] {
    return [...(this.written.get(from)?.values() ?? [])].filter((message) => message.to === to);
  }

  storedFrom(reader: Device, from: Device): Stored[] {
    return [...(this.stored.get(reader)?.values() ?? [])].filter((message) => message.from === from);
  }

  /** A person writes this. */
  types(text: string, from: Device, to: Device): void {
    this.typed.set(text, `${from.name} ${to.name}`);
    this.#typedAt.set(text, this.world.time.now());
  }

  /** A person was told that this is written. */
  accept(id: string, from: Device, to: Device): void {
    this.accepted.set(id, { from, to });
    if (!this.isKnown(from, to, id))
      this.blame(`lost: ${id} of ${from.name} is said to be written, and it is not on the disk`);
  }

  /** Whether the id is on what would survive a loss of power. */
  isKnown(from: Device, to: Device, id: string): boolean {
    return from.disk.durable.get('message-keys')?.has(`${this.world.idOf(from, to)}/${id}`) === true;
  }

  /** A person has looked at everything up to this position. */
  looked(reader: Device, from: Device, position: number): void {
    for (const message of this.storedFrom(reader, from))
      if (message.position <= position) this.everSeen.add(`${reader.name} ${message.id}`);
  }

  /** The device came back from a loss of power, or with an older disk: what is on it now. */
  reread(device: Device, restored: boolean): void {
    this.snapshots.delete(device);
    const written = [...(this.written.get(device)?.values() ?? [])];
    const stored = [...(this.stored.get(device)?.keys() ?? [])];
    this.written.get(device)?.clear();
    this.stored.get(device)?.clear();
    for (const [key, value] of device.disk.durable.get('messages') ?? [])
      if (!device.disk.damaged.has(`messages\n${key}`)) this.#message(device, key, value, true);
    if (restored) this.#wasRestored(device, written, stored);
    for (const [id, { from, to }] of this.accepted) {
      if (from === device && !this.excuses.isHarmed(from, id, 'gone') && !this.isKnown(from, to, id))
        this.blame(`lost: ${id} of ${from.name}, with its disk`);
    }
  }

  #wasRestored(device: Device, written: readonly Written[], stored: readonly string[]): void {
    // What came after the copy is gone: messages, and voids in their places.
    const kept = device.disk.durable.get('message-keys');
    for (const key of this.#known.get(device) ?? [])
      if (!kept?.has(key)) this.excuses.harm(device, key.slice(key.indexOf('/') + 1), 'gone');
    // And what had taken the place of a void since then.
    for (const id of stored) if (!this.stored.get(device)?.has(id)) this.excuses.harm(device, id, 'lost');
    // It was sent after all, and this device does not know any more.
    for (const { id, state, isFile } of written) {
      const now = this.written.get(device)?.get(id)?.state;
      if (state !== 'dropped' && now === 'dropped') this.excuses.harm(device, id, 'behind');
      if (isFile && state === 'dropped' && now && now !== 'dropped') this.excuses.of(id).endedSinceCopy = true;
    }
    // Its sender has been told that all of it is there.
    for (const { id, isFile, fileState } of this.stored.get(device)?.values() ?? [])
      if (isFile && fileState !== 'complete' && this.everStored.has(`${device.name} ${id}`))
        this.excuses.harm(device, id, 'behind');
  }

  /** A record is not what was written there. */
  damaged(device: Device, table: Table, key: string): void {
    const { written, durable } = device.disk;
    const value = (written.get(table)?.get(key) ?? durable.get(table)?.get(key)) as Uint8Array;
    const name = key.slice(key.indexOf('/') + 1);
    if (table === 'message-keys') this.excuses.harm(device, name, 'index');
    else if (table === 'files') this.excuses.harm(device, name, 'file');
    else if (table === 'outbox') this.excuses.harm(device, toHex(decodeOutbox(value).id), 'row');
    else {
      const record = messageOf(value);
      const id = toHex(record.id);
      this.excuses.harm(device, id, 'record');
      if (record.reason === 'disk-full') this.excuses.of(id).refusedAndDamaged = true;
    }
  }

  #saw(device: Device, writes: readonly Write[], survives: boolean): void {
    this.#look(device, writes, survives);
    for (const other of this.world.devices)
      if (other !== device) this.#giveUpAfter.set(this.world.key(device, other), this.#chosenGiveUp(device, other));
  }

  #look(device: Device, writes: readonly Write[], survives: boolean): void {
    for (const write of writes) {
      if ('put' in write && write.put === 'messages') {
        if (survives) this.#survives(device, write.value);
        else this.#message(device, write.key, write.value);
      } else if ('put' in write && write.put === 'message-keys') {
        this.#known.get(device)?.add(write.key);
        this.excuses.heal(device, write.key.slice(write.key.indexOf('/') + 1), 'gone');
      } else if ('put' in write && write.put === 'files' && survives) {
        const { state, direction } = decodeRecord(write.value);
        if (direction === 'in' && state === 'complete') this.#isWhole(device, write.key);
      } else if ('remove' in write && write.remove === 'messages' && !survives) this.#removed(device, write.key);
    }
  }

  #removed(device: Device, key: string): void {
    for (const [id, { position, to }] of this.written.get(device) ?? [])
      if (key === this.keyOf(device, to, position)) this.written.get(device)?.delete(id);
  }

  keyOf(device: Device, other: Device, position: number): string {
    return `${this.world.idOf(device, other)}/${String(position).padStart(12, '0')}`;
  }

  #otherOf(device: Device, key: string): Device | undefined {
    return this.#others.get(`${device.name} ${key.slice(0, key.indexOf('/'))}`);
  }

  #survives(device: Device, value: Uint8Array): void {
    const record = messageOf(value);
    if (record.direction === 'in' && !record.file) this.#isWhole(device, toHex(record.id));
  }

  #isWhole(reader: Device, id: string): void {
    this.everStored.add(`${reader.name} ${id}`);
    this.excuses.of(id).hasNoRoom = false;
    // Its hash was right, and is not of before a unit rotted.
    const rots = this.#rots.get(`${reader.name} ${id}`) ?? [];
    if (rots.every((isRead) => isRead())) this.excuses.heal(reader, id, 'units');
  }

  /** A unit of a file is not what was written there. `isRead`: it has been read since, or replaced. */
  rotten(device: Device, id: string, isRead: () => boolean): void {
    const name = `${device.name} ${id}`;
    this.#rots.set(name, [...(this.#rots.get(name) ?? []), isRead]);
    this.excuses.harm(device, id, 'units');
  }

  /** `isOld`: it was looked at when it was written. */
  #message(device: Device, key: string, value: Uint8Array, isOld = false): void {
    const record = messageOf(value);
    const other = this.#otherOf(device, key);
    if (!other) {
      this.blame(`${device.name} keeps a message of nobody`);
      return;
    }
    const id = toHex(record.id);
    const position = positionOfKey(key);
    const common = { id, position, isFile: record.file !== undefined, text: record.file?.name ?? record.text };
    if (record.direction === 'in') this.#in(device, { ...common, from: other, fileState: record.fileState });
    else {
      const { seq, state, reason, everSent, at } = record;
      this.#out(device, { ...common, from: device, to: other, seq, state, reason, everSent, at }, isOld);
    }
  }

  #in(reader: Device, message: Stored): void {
    const { id, position, text, from } = message;
    const before = this.stored.get(reader)?.get(id);
    if (before && before.position !== position) this.blame(`shown twice: ${text} at ${reader.name}`);
    if (this.typed.get(text) !== `${from.name} ${reader.name}`)
      this.blame(`${reader.name} has what nobody wrote: ${text}`);
    this.stored.get(reader)?.set(id, message);
    this.excuses.heal(reader, id, 'lost');
  }

  #out(writer: Device, message: Written, isOld: boolean): void {
    const { id, to, seq, state, reason } = message;
    const first = this.#ids.get(message.text) ?? id;
    this.#ids.set(message.text, first);
    const before = this.written.get(writer)?.get(id);
    if (first !== id) this.blame(`shown twice: ${message.text} was written twice`);
    this.written.get(writer)?.set(id, message);
    const number = `${this.world.key(writer, to)} ${seq}`;
    this.#numbered.set(number, (this.#numbered.get(number) ?? new Set()).add(id));
    this.#judge(writer, to, id, state, 'kept as');
    if (state === 'dropped') {
      this.excuses.of(id).dropped = true;
      if (!isOld && !this.#mayDrop(message, before)) this.blame(`falsely dropped: ${message.text} as ${reason}`);
    }
  }

  #judge(writer: Device, reader: Device, id: string, state: string, verb: string): void {
    const name = `${reader.name} ${id}`;
    const isArrived = state === 'delivered' || state === 'read';
    const text = this.written.get(writer)?.get(id)?.text ?? id;
    if (isArrived && !this.everStored.has(name)) this.blame(`falsely delivered: ${text}, ${verb} ${state}`);
    // What cannot be read any more is passed over by a read mark, and so is what an older disk does not know of.
    if (state === 'read' && !this.everSeen.has(name) && !this.excuses.isHarmed(reader, id, 'record', 'lost'))
      this.blame(`falsely read: ${text}, ${verb} ${state}`);
  }

  /** Whether its reason is true, at the moment in which it is decided. */
  #mayDrop(message: Written, before: Written | undefined): boolean {
    const { from, to, reason, text, at } = message;
    if (before?.state === 'dropped' && before.reason === reason) return true;
    const known = this.#giveUpAfter.get(this.world.key(from, to)) ?? 0;
    const now = this.world.time.now();
    const typedAt = this.#typedAt.get(text) ?? 0;
    // By its writer's clock, and, where nobody has set that since, not before its time either.
    const ages = [now + from.mostAhead() - at, ...(from.setAt < typedAt ? [now - typedAt] : [])];
    return this.excuses.mayDrop(message, [known, this.#chosenGiveUp(from, to)], Math.min(...ages));
  }

  /** What the conversation on the disk says, milliseconds. */
  #chosenGiveUp(from: Device, to: Device): number {
    return this.conversation(from, to)?.giveUpAfter ?? 0;
  }

  /** As the disk has it. */
  conversation(one: Device, other: Device): ConversationRecord | undefined {
    const row = one.disk.written.get('conversations')?.get(this.world.idOf(one, other));
    return row && decodeConversation(row);
  }

  /** Messages that ever had this number. */
  numbered(from: Device, to: Device, seq: number): string[] {
    return [...(this.#numbered.get(`${this.world.key(from, to)} ${seq}`) ?? [])];
  }

  /** A commit failed for want of room. */
  #hadNoRoom(device: Device, writes: readonly Write[]): void {
    const puts = writes.filter((write) => 'put' in write);
    const messages = puts.filter(({ put }) => put === 'messages').map(({ value }) => messageOf(value));
    const [first, ...others] = messages.filter(({ direction }) => direction === 'in').map(({ id }) => toHex(id));
    // What came together is tried again one by one, and refused alone.
    if (first !== undefined && others.length === 0) {
      const known = this.stored.get(device)?.get(first);
      if (!known) this.excuses.of(first).foundNoRoom = true;
      // A file that is offered once more has to be expected anew.
      if (!known || (known.isFile && known.fileState !== 'complete')) this.excuses.of(first).hasNoRoom = true;
    }
    for (const { put, key, value } of puts) {
      // Not even for a void in its place.
      if (put === 'message-keys' && decodePlace(value).void)
        this.excuses.of(key.slice(key.indexOf('/') + 1)).hasNoRoom = true;
      if (put === 'files' && decodeRecord(value).direction === 'in') this.excuses.of(key).hasNoRoom = true;
      if (put === 'outbox' && device.disk.damaged.has(`outbox\n${key}`))
        this.excuses.of(toHex(decodeOutbox(value).id)).mendedLate = true;
    }
  }

  /** No room for a unit of a file. */
  #fileHadNoRoom(device: Device, id: string): void {
    // One's own is sealed there before it is written of.
    if (this.stored.get(device)?.has(id)) this.excuses.of(id).hasNoRoom = true;
  }

  #told(device: Device, event: NodeEvent): void {
    if (event.type === 'snapshot') this.snapshots.set(device, event.snapshot);
    if (event.type === 'messages') for (const view of event.messages) this.#shown(device, view);
  }

  #shown(device: Device, view: MessageView): void {
    const other = this.#others.get(`${device.name} ${view.conversationId}`);
    if (other && view.direction === 'out') this.#judge(device, other, view.id, view.state, 'shown as');
  }
}
