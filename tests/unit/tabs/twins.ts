// Tabs in memory: a channel and a lock that behave as the browser's do, a tab that can die at any moment, and a node that keeps
// what it is told on a "disk" which outlives it.
import type { Candidacy } from '../../../src/adapters/tabs/leader.ts';
import type { Channel } from '../../../src/adapters/tabs/share-node.ts';
import type {
  GroupView,
  KithNode,
  Mention,
  MessageView,
  NodeEvent,
  OutgoingFile,
  Snapshot,
} from '../../../src/core/node-api.ts';

/** Everything a page of one profile shares. Messages are delivered in order, one task each, as clones. */
export class Browser {
  private readonly channels = new Set<{ deliver(message: unknown): void }>();
  private readonly waiting: Array<() => void> = [];
  private held = false;
  private ids = 0;
  /** Messages that were posted, by type. */
  readonly posted: string[] = [];

  readonly newId = (): string => (++this.ids).toString(16).padStart(32, '0');

  openTab(): { channel: Channel; candidacy: Candidacy; newId: () => string; die(): void } {
    let alive = true;
    const channel: Channel = {
      onmessage: null,
      postMessage: (message) => {
        const copy: unknown = structuredClone(message);
        if (!alive) return;
        this.posted.push((message as { type: string }).type);
        for (const other of [...this.channels]) if (other !== own) queueMicrotask(() => other.deliver(copy));
      },
      close: () => this.channels.delete(own),
    };
    const own = {
      deliver: (message: unknown) => alive && channel.onmessage?.({ data: structuredClone(message) } as MessageEvent),
    };
    this.channels.add(own);
    let leads = false;
    const whenLeader = new Promise<void>((resolve) => {
      this.waiting.push(() => {
        if (!alive) return this.next();
        leads = true;
        resolve();
      });
    });
    this.next();
    const die = (): void => {
      alive = false;
      this.channels.delete(own);
      if (!leads) return;
      this.held = false;
      this.next();
    };
    return { channel, candidacy: { whenLeader, resign: die }, newId: this.newId, die };
  }

  private next(): void {
    const candidate = this.held ? undefined : this.waiting.shift();
    if (!candidate) return;
    this.held = true;
    candidate();
    if (this.waiting.length > 0 && !this.held) this.next();
  }
}

export interface Disk {
  readonly messages: MessageView[];
  name: string;
}

export const emptyDisk = (): Disk => ({ messages: [], name: '' });

/** A node as far as tabs care: writes to the disk, repeats no message id, tells its events. */
export class DiskNode {
  private readonly listeners = new Set<(event: NodeEvent) => void>();
  /** Names of the methods that were called. */
  readonly calls: string[] = [];
  /** Ids of the messages whose files are prepared: gone with this node. */
  readonly prepared = new Set<string>();
  /** Whom the texts named that were sent. */
  readonly named: (readonly Mention[])[] = [];
  /** While true, calls are carried out but their answers never come. */
  mute = false;

  constructor(
    private readonly disk: Disk,
    private readonly label = 'node',
  ) {}

  snapshotNow(): Snapshot {
    const last = this.disk.messages.at(-1);
    return {
      identity: { number: null, name: this.disk.name },
      network: {
        state: 'online',
        neighbours: 0,
        diagnosis: 'open',
        entryPoints: [],
        doorTexts: [],
        connected: 0,
        looking: 0,
      },
      conversations: last ? [{ ...conversation, unread: this.disk.messages.length }] : [],
      card: null,
      requests: [],
      link: null,
      attempts: [],
      introductions: { received: [], given: [] },
      mailbox: null,
      storage: { persisted: null, usage: null, quota: null, full: false, fullForFiles: false, damagedRecords: 0 },
      settings: {
        trackers: null,
        effectiveTrackers: [`wss://${this.label}.example`],
        iceServers: [],
        maxFileBytes: 1,
        sendReadReceipts: true,
        discoverable: false,
        relayOnly: false,
        relaying: null,
        configError: null,
      },
      lock: { state: 'none', autoLock: 0 },
    };
  }

  emit(event: NodeEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private answer<T>(method: string, value: () => T): Promise<T> {
    this.calls.push(method);
    const result = value();
    return this.mute ? new Promise(() => {}) : Promise.resolve(result);
  }

  private store(conversationId: string, text: string, id: string): void {
    if (this.disk.messages.some((message) => message.id === id)) return;
    this.disk.messages.push({ ...message, id, conversationId, text, position: this.disk.messages.length });
    if (!this.mute) {
      this.emit({ type: 'messages', conversationId, messages: this.disk.messages.slice(-1) });
      this.emit({ type: 'snapshot', snapshot: this.snapshotNow() });
    }
  }

  asNode(): KithNode {
    const node: Partial<KithNode> = {
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
      snapshot: () => this.answer('snapshot', () => this.snapshotNow()),
      rename: (name) =>
        this.answer('rename', () => {
          this.disk.name = name;
          return { ok: true, value: undefined };
        }),
      listMessages: (id) =>
        this.answer('listMessages', () => this.disk.messages.filter((one) => one.conversationId === id)),
      group: (conversationId) =>
        this.answer('group', () => ({ ok: true, value: { ...group, conversationId, name: this.label } })),
      sendText: (id, text, messageId = 'none', mentions) =>
        this.answer('sendText', () => {
          if (mentions !== undefined) this.named.push(mentions);
          this.store(id, text, messageId);
          return { ok: true, value: { messageId } };
        }),
      // Node 20 clones a File without its name; browsers keep it (tabs.browser.test.ts).
      sendFiles: (id, files: readonly OutgoingFile[]) =>
        this.answer('sendFiles', () => {
          for (const { file, messageId } of files) this.store(id, file.name ?? 'a file', messageId ?? 'none');
          return { ok: true, value: undefined };
        }),
      prepareFile: (_, messageId) =>
        this.answer('prepareFile', () => {
          this.prepared.add(messageId);
          return { ok: true, value: undefined };
        }),
      discardFile: (_, messageId) =>
        this.answer('discardFile', () => {
          this.prepared.delete(messageId);
          return { ok: true, value: undefined };
        }),
      openAttachment: () => this.answer('openAttachment', () => ({ ok: true, value: { blob: new Blob(['bytes']) } })),
      // A result that cannot be cloned is a bug of the node, and must not stop the tab.
      diagnostics: () => this.answer('diagnostics', () => ({ f: () => 0 }) as never),
      newCard: () => Promise.reject(new Error('a bug')),
    };
    return node as KithNode;
  }
}

const conversation = {
  id: 'c1',
  kind: 'direct',
  number: '',
  name: 'Ben',
  theirName: 'Ben',
  nickname: '',
  presence: 'online',
  route: 'direct',
  trust: 'verified',
  state: 'active',
  unread: 0,
  changedAt: 0,
  last: null,
  giveUpAfter: 0,
} as const;

const group: Omit<GroupView, 'conversationId' | 'name'> = {
  picture: null,
  members: [],
  role: 'member',
  standing: 'active',
  muted: false,
  cards: [],
  admission: 'ask',
  requests: [],
  unreached: 0,
};

const message = {
  direction: 'out',
  state: 'queued',
  reason: null,
  from: '',
  at: 0,
  attachment: null,
  missingBefore: 0,
  cancellable: true,
  fromId: '',
  fromName: '',
  system: null,
  receipts: null,
  twoFaced: false,
  fileStanding: null,
  mentions: [],
  mentionsMe: false,
} as const;
