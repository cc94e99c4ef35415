// A node whose passphrase has not been given yet: it shows that, takes the passphrase, and erases everything. Once it is open, everything
// goes to the real one.
import type { ParsedConfig } from '../config.ts';
import { type ErrorKind, KithError } from '../errors.ts';
import type { RunningNode } from '../node.ts';
import type { KithNode, LockDeed, NodeEvent, Result, Snapshot } from '../node-api.ts';
import { Queue } from '../queue.ts';
import { noIntroductions, nowhere } from './snapshot.ts';

export interface LockedNodeOptions {
  readonly config: ParsedConfig;
  /** @throws KithError 'passphrase-empty' | 'passphrase-wrong' | 'lock-damaged', and whatever starting a node throws */
  readonly unlock: (passphrase: string) => Promise<RunningNode>;
  readonly destroyEverything: () => Promise<void>;
  /** Why no passphrase can help. */
  readonly lost?: ErrorKind;
}

type Answer<Name extends keyof KithNode> = Awaited<ReturnType<KithNode[Name]>>;
/** What cannot say in its answer that it is refused. */
type Unanswerable = {
  [Name in keyof KithNode]: Answer<Name> extends Result<unknown> ? never : Name;
}[keyof KithNode];

const unanswerable: Readonly<Record<Exclude<Unanswerable, 'subscribe' | 'snapshot'>, true>> = {
  diagnostics: true,
  dismissAttempt: true,
  mailboxVisited: true,
  startMailboxOver: true,
  cancelMailbox: true,
  listMessages: true,
  markRead: true,
  draft: true,
  setDraft: true,
  requestPersistence: true,
};

const refused = (kind: KithError['kind']): Result => ({ ok: false, kind, detail: {} });

class LockedNode {
  readonly #options: LockedNodeOptions;
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #attempts = new Queue();
  node: RunningNode | undefined;

  constructor(options: LockedNodeOptions) {
    this.#options = options;
  }

  readonly subscribe: KithNode['subscribe'] = (listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly snapshot = async (): Promise<Snapshot> => this.node?.snapshot() ?? lockedSnapshot(this.#options);

  readonly lock = async (deed: LockDeed): Promise<Result> => {
    if (this.node) return this.node.lock(deed);
    return deed.do === 'unlock' ? this.#attempts.run(() => this.#unlock(deed.passphrase)) : refused('lock-closed');
  };

  readonly eraseEverything = async (): Promise<Result> => {
    if (this.node) return this.node.eraseEverything();
    return this.#attempts.run(async () => {
      // It was opened while this waited.
      if (this.node) return this.node.eraseEverything();
      try {
        await this.#options.destroyEverything();
      } catch (error) {
        return refused(error instanceof KithError ? error.kind : 'internal');
      }
      this.#tell({ type: 'erased' });
      return { ok: true, value: undefined };
    });
  };

  readonly retryNow = (): void => this.node?.retryNow();
  readonly close = (): void => this.node?.close();

  async #unlock(passphrase: string): Promise<Result> {
    if (this.node) return { ok: true, value: undefined };
    try {
      const node = await this.#options.unlock(passphrase);
      this.node = node;
      node.subscribe((event) => this.#tell(event));
      this.#tell({ type: 'snapshot', snapshot: await node.snapshot() });
      return { ok: true, value: undefined };
    } catch (error) {
      return error instanceof KithError ? { ok: false, kind: error.kind, detail: error.detail } : refused('internal');
    }
  }

  #tell(event: NodeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Every method is there from the start; what needs the passphrase is refused until then. */
export function lockedNode(options: LockedNodeOptions): RunningNode {
  const own = new LockedNode(options);
  return new Proxy(own as unknown as RunningNode, {
    get: (_, name: keyof RunningNode) => {
      // Whoever waits for the node asks whether it is a promise.
      if ((name as string) === 'then') return undefined;
      if (name in own) return (own as unknown as RunningNode)[name];
      if (own.node) return (own.node[name] as () => unknown).bind(own.node);
      return name in unanswerable
        ? () => Promise.reject(new KithError('lock-closed'))
        : () => Promise.resolve(refused('lock-closed'));
    },
  });
}

/** Nothing of anybody: what stands in kith.config.json, and that it is locked. */
const lockedSnapshot = ({ config: { config, error }, lost }: LockedNodeOptions): Snapshot => ({
  identity: null,
  network: { ...nowhere, diagnosis: 'no-door' },
  conversations: [],
  card: null,
  link: null,
  requests: [],
  attempts: [],
  introductions: noIntroductions,
  mailbox: null,
  storage: { persisted: null, usage: null, quota: null, full: false, fullForFiles: false, damagedRecords: 0 },
  settings: {
    trackers: null,
    effectiveTrackers: config.trackers,
    iceServers: [],
    maxFileBytes: config.maxFileBytes,
    sendReadReceipts: true,
    discoverable: false,
    relayOnly: false,
    relaying: null,
    configError: error,
  },
  lock: { state: 'locked', autoLock: 0, ...(lost && { lost }) },
});
