// Kith as it must not be: each variant breaks one promise on purpose, and the model must find it (tests/property/delivery-model.test.ts).
import { Chat } from '../../src/core/chat/chat.ts';
import type { Live } from '../../src/core/chat/live.ts';
import { Outbox } from '../../src/core/chat/outbox.ts';
import { decodeConversation, encodeConversation } from '../../src/core/chat/records.ts';
import { Peers } from '../../src/core/node/peers.ts';
import type { Store, Write } from '../../src/core/ports/store.ts';
import { Files } from '../../src/core/transfer/files.ts';
import type { SequencedMessage } from '../../src/core/wire/chat-messages.ts';

export interface Variant {
  /** What the model says of it. */
  readonly fault: RegExp;
  /** Breaks core until the function returned is called. */
  readonly break: () => () => void;
  /** Lies between every node and its disk. */
  readonly store?: (store: Store) => Store;
}

type Method = (...args: never[]) => unknown;

/** Puts another method in the place of one, also where TypeScript calls it private. */
function replaced(target: object, name: string, make: (original: Method) => Method): () => () => void {
  return () => {
    const methods = target as Record<string, Method>;
    const original = methods[name] as Method;
    methods[name] = make(original);
    return () => {
      methods[name] = original;
    };
  };
}

type Presence = ReturnType<Peers['presence']>;

/** Says something else of who is there: `was`, that they have been there before; `left`, and that they were away since. */
function presenceThat(says: (now: Presence, was: boolean, left: boolean) => Presence): () => () => void {
  const seen = new WeakMap<Peers, Map<string, { was: boolean; left: boolean }>>();
  return replaced(
    Peers.prototype,
    'presence',
    (original) =>
      function (this: Peers, contactId: string) {
        const now = (original as (id: string) => Presence).call(this, contactId);
        const all = seen.get(this) ?? new Map<string, { was: boolean; left: boolean }>();
        seen.set(this, all);
        const before = all.get(contactId) ?? { was: false, left: false };
        const known = { was: before.was || now === 'online', left: before.left || (before.was && now !== 'online') };
        all.set(contactId, known);
        return says(now, known.was, known.left);
      } as Method,
  );
}

const nothingBroken = () => () => {};

const puts = (writes: readonly Write[], table: string) => writes.some((write) => 'put' in write && write.put === table);

export const variants: Readonly<Record<string, Variant>> = {
  'acknowledges before it has stored': {
    fault: /falsely delivered|lost/,
    break: replaced(
      Chat.prototype,
      'receive',
      (original) =>
        async function (this: Chat, contactId: string, message: SequencedMessage) {
          const { live } = this as unknown as { live: Map<string, Live> };
          if (message.type === 'text') live.get(contactId)?.acknowledge('ids', message.id);
          await (original as Method).call(this, contactId as never, message as never);
        } as Method,
    ),
  },
  'stores without waiting for the disk': {
    fault: /falsely delivered|lost/,
    break: nothingBroken,
    store: (store) => ({ ...bound(store), commit: (writes) => store.commit(writes, 'relaxed') }),
  },
  'forgets at a restart which ids it has': {
    fault: /shown twice/,
    break: nothingBroken,
    store: (store) => {
      const known = new Set<string>();
      return {
        ...bound(store),
        commit: (writes, durability) => {
          for (const write of writes) if ('put' in write && write.put === 'message-keys') known.add(write.key);
          return store.commit(writes, durability);
        },
        get: async (table, key) => (table === 'message-keys' && !known.has(key) ? undefined : store.get(table, key)),
      };
    },
  },
  'forgets the outbox with the page': {
    fault: /deadlocked|lost/,
    break: nothingBroken,
    store: (store) => ({
      ...bound(store),
      commit: (writes, durability) =>
        store.commit(
          writes.filter((write) => !('put' in write && write.put === 'outbox')),
          durability,
        ),
    }),
  },
  'drops what was not acknowledged when a session ends': {
    fault: /falsely dropped/,
    break: replaced(
      Chat.prototype,
      'detach',
      (original) =>
        function (this: Chat, contactId: string) {
          (original as Method).call(this, contactId as never);
          void this.housekeeping.refuseAll(contactId, 'disk-full').catch(() => {});
        } as Method,
    ),
  },
  'sends the newest first': {
    fault: /out of order/,
    break: replaced(
      Outbox.prototype,
      'enqueue',
      () =>
        function (this: Outbox, entry: never) {
          const outbox = this as unknown as { waiting: { seq: number }[] };
          const { seq } = entry as { seq: number };
          if (!outbox.waiting.some((one) => one.seq === seq)) outbox.waiting.unshift(entry);
        } as Method,
    ),
  },
  'says that a file is there before its record is': {
    fault: /falsely delivered|lost/,
    break: replaced(
      Files.prototype,
      'received',
      (original) =>
        async function (this: Files, file: never) {
          void (original as Method).call(this, file);
          return true;
        } as Method,
    ),
  },
  'forgets what is missing': {
    fault: /lost: .* is told of no gap/,
    break: nothingBroken,
    store: (store) => ({
      ...bound(store),
      commit: (writes, durability) =>
        store.commit(
          writes.map((write) =>
            'put' in write && write.put === 'conversations'
              ? { ...write, value: encodeConversation({ ...decodeConversation(write.value), missing: [] }) }
              : write,
          ),
          durability,
        ),
    }),
  },
  'does not say that a place stays empty': {
    fault: /lost: .* is told that number .* has not arrived/,
    break: replaced(
      Outbox.prototype,
      'hand',
      (original) =>
        async function (this: Outbox, entry: never, record: { state: string } | undefined) {
          if (record?.state === 'queued' || record?.state === 'sent')
            await (original as Method).call(this, entry, record as never);
        } as Method,
    ),
  },
  'goes on calling somebody online who has gone': {
    fault: /falsely online: .* after their link/,
    break: presenceThat((now, was) => (was ? 'online' : now)),
  },
  'calls somebody away who has come back': {
    fault: /falsely away/,
    break: presenceThat((now, was, left) => (was && left ? 'connecting' : now)),
  },
  'does not keep the next number': {
    fault: /shown twice|lost|out of order/,
    break: nothingBroken,
    store: (store) => ({
      ...bound(store),
      commit: (writes, durability) =>
        store.commit(
          puts(writes, 'outbox')
            ? writes.filter((write) => !('put' in write && write.put === 'conversations'))
            : writes,
          durability,
        ),
    }),
  },
};

/** Methods of a store that is wrapped. */
function bound(store: Store): Store {
  return {
    get: (table, key) => store.get(table, key),
    list: (table, range) => store.list(table, range),
    count: (table, range) => store.count(table, range),
    commit: (writes, durability) => store.commit(writes, durability),
    onDamaged: (handler) => store.onDamaged(handler),
    close: () => store.close(),
  };
}
