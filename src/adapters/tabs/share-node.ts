// One node for all tabs of a profile: a KithNode that works in every tab, whichever of them runs the real one (TABS.md).
import { KithError } from '../../core/errors.ts';
import type { KithNode, MessageView, NodeEvent, OutgoingFile, Snapshot } from '../../core/node-api.ts';
import { type Candidacy, electLeader } from './leader.ts';
import { failureOf, type Leadership, lead } from './leadership.ts';
import { CHANNEL, type Failure, invoke, type Method, nodeFrom, type TabMessage } from './messages.ts';
import { reuse } from './reuse.ts';

/** Newest messages told again, per conversation, after a change of leader: two screens of a tall window. */
const RETOLD_MESSAGES = 100;

/** The part of BroadcastChannel that is used. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

export interface ShareOptions {
  readonly channel?: Channel;
  readonly candidacy?: Candidacy;
  /** A fresh id of 32 hexadecimal digits. */
  readonly newId?: () => string;
}

export interface SharedNode extends KithNode {
  /** Leaves the other tabs: for tests and for pages that end themselves. Calls under way stay unanswered. */
  leave(): void;
}

type Source =
  | { readonly type: 'none' }
  | { readonly type: 'follower'; readonly term: string }
  | { readonly type: 'leader'; readonly node: KithNode; readonly leadership: Leadership }
  | { readonly type: 'unable'; readonly failure: Failure; readonly term: string; readonly own: boolean };

interface PendingCall {
  readonly method: Method;
  readonly args: readonly unknown[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * @param startNode Starts the real node; called once, and only in the tab that leads. When it rejects (KithError), every call
 * in every tab is rejected with the same kind.
 */
export function shareNode(startNode: () => Promise<KithNode>, options: ShareOptions = {}): SharedNode {
  return new Tab(startNode, options).node;
}

class Tab {
  readonly node: SharedNode;
  private readonly channel: Channel;
  private readonly candidacy: Candidacy;
  private readonly newId: () => string;
  private readonly listeners = new Set<(event: NodeEvent) => void>();
  private readonly pending = new Map<string, PendingCall>();
  /** Conversations this tab shows or has shown. */
  private readonly listed = new Set<string>();
  /** Groups whose page it shows or has shown. */
  private readonly groups = new Set<string>();
  private snapshot: Snapshot | undefined;
  private source: Source = { type: 'none' };

  constructor(startNode: () => Promise<KithNode>, options: ShareOptions) {
    this.channel = options.channel ?? new BroadcastChannel(CHANNEL);
    this.newId = options.newId ?? randomId;
    this.channel.onmessage = ({ data }) => this.receive(data as TabMessage);
    const node = nodeFrom(
      (method, args) => this.call(method, args),
      (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
    );
    this.node = { ...node, leave: () => this.leave() };
    this.post({ type: 'hello' });
    this.candidacy = options.candidacy ?? electLeader();
    this.candidacy.whenLeader.then(
      () => this.takeOver(startNode),
      (error: unknown) => this.giveUp(error),
    );
  }

  private async takeOver(startNode: () => Promise<KithNode>): Promise<void> {
    try {
      const node = await startNode();
      node.subscribe((event) => this.emit(event));
      const leadership = lead(node, this.newId(), (message) => this.post(message));
      this.switchTo({ type: 'leader', node, leadership });
    } catch (error) {
      this.giveUp(error);
    }
  }

  private giveUp(error: unknown): void {
    const failure = failureOf(error);
    const term = this.newId();
    this.post({ type: 'unable', term, failure });
    this.switchTo({ type: 'unable', failure, term, own: true });
  }

  private call(method: Method, args: readonly unknown[]): Promise<unknown> {
    if (method === 'listMessages') this.listed.add(args[0] as string);
    if (method === 'group') this.groups.add(args[0] as string);
    return new Promise((resolve, reject) => {
      const id = this.newId();
      this.pending.set(id, { method, args: this.repeatable(method, args), resolve, reject });
      this.dispatch(id);
    });
  }

  /** A call may be carried out twice, a message may not be sent twice: it gets its id before the first attempt. */
  private repeatable(method: Method, args: readonly unknown[]): readonly unknown[] {
    if (method === 'sendText') return [args[0], args[1], args[2] ?? this.newId(), args[3]];
    if (method !== 'sendFiles') return args;
    const files = args[1] as readonly OutgoingFile[];
    return [args[0], files.map((file) => ({ ...file, messageId: file.messageId ?? this.newId() }))];
  }

  private dispatch(id: string): void {
    const call = this.pending.get(id);
    const { source } = this;
    if (!call || source.type === 'none') return;
    if (source.type === 'leader') {
      invoke(source.node, call.method, call.args).then(
        (value) => this.settle(id, () => call.resolve(value)),
        (error: unknown) => this.settle(id, () => call.reject(error)),
      );
    } else if (source.type === 'unable') {
      this.settle(id, () => call.reject(errorOf(source.failure)));
    } else {
      try {
        this.post({ type: 'call', term: source.term, id, method: call.method, args: call.args });
      } catch (error) {
        this.settle(id, () => call.reject(new KithError('internal', {}, { cause: error })));
      }
    }
  }

  private settle(id: string, finish: () => void): void {
    if (this.pending.delete(id)) finish();
  }

  private receive(message: TabMessage): void {
    const { source } = this;
    if (source.type === 'leader') source.leadership.receive(message);
    else if (source.type === 'unable' && source.own) {
      if (message.type === 'hello') this.post({ type: 'unable', term: source.term, failure: source.failure });
    } else if (message.type === 'leader' || message.type === 'unable') this.follow(message);
    else if (source.type === 'follower' && 'term' in message && message.term === source.term) this.obey(message);
  }

  private obey(message: TabMessage): void {
    if (message.type === 'event') this.emit(this.withIdentity(message.event));
    if (message.type === 'answer' || message.type === 'failed') this.answered(message);
  }

  private follow(message: Extract<TabMessage, { type: 'leader' | 'unable' }>): void {
    const { source } = this;
    if ('term' in source && source.term === message.term) return;
    // A new leader tells nobody anything until it has heard that there is somebody.
    if (message.type === 'leader') this.post({ type: 'hello' });
    this.switchTo(
      message.type === 'leader'
        ? { type: 'follower', term: message.term }
        : { type: 'unable', failure: message.failure, term: message.term, own: false },
    );
  }

  private answered(message: Extract<TabMessage, { type: 'answer' | 'failed' }>): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    this.post({ type: 'received', term: message.term, id: message.id });
    this.settle(message.id, () => {
      if (message.type === 'failed') call.reject(errorOf(message.failure));
      else call.resolve(call.method === 'snapshot' ? this.remember(message.value as Snapshot) : message.value);
    });
  }

  private switchTo(source: Source): void {
    const first = this.source.type === 'none';
    this.source = source;
    for (const id of [...this.pending.keys()]) this.dispatch(id);
    if (!first && source.type !== 'unable') void this.retell();
  }

  /** Tells this tab what it may have missed between two leaders. */
  private async retell(): Promise<void> {
    try {
      const snapshot = await this.node.snapshot();
      this.emit({ type: 'snapshot', snapshot });
      const present = new Set(snapshot.conversations.map(({ id }) => id));
      for (const conversationId of [...this.listed]) {
        const messages = present.has(conversationId) ? await this.newest(conversationId) : [];
        if (messages.length === 0) this.emit({ type: 'cleared', conversationId });
        else this.emit({ type: 'messages', conversationId, messages });
      }
      for (const id of [...this.groups].filter((group) => present.has(group))) {
        const told = await this.node.group(id);
        if (told.ok) this.emit({ type: 'group', group: told.value });
      }
    } catch {
      // The next leader failed too: callers hear of it from their own calls.
    }
  }

  private newest(conversationId: string): Promise<readonly MessageView[]> {
    return this.node.listMessages(conversationId, null, RETOLD_MESSAGES);
  }

  private withIdentity(event: NodeEvent): NodeEvent {
    return event.type === 'snapshot' ? { type: 'snapshot', snapshot: this.remember(event.snapshot) } : event;
  }

  private remember(snapshot: Snapshot): Snapshot {
    this.snapshot = reuse(this.snapshot, snapshot);
    return this.snapshot;
  }

  private emit(event: NodeEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  private post(message: TabMessage): void {
    this.channel.postMessage(message);
  }

  private leave(): void {
    if (this.source.type === 'leader') this.source.leadership.end();
    this.channel.onmessage = null;
    this.channel.close();
    this.candidacy.resign();
  }
}

function errorOf({ kind, detail }: Failure): KithError {
  return new KithError(kind, detail);
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
