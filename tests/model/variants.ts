// Kith as it must not be: each variant breaks one promise on purpose, and the model must find it (tests/property/delivery-model.test.ts).
import { Chat } from '../../src/core/chat/chat.ts';
import { Outbox } from '../../src/core/chat/outbox.ts';
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
          const chat = this as unknown as { acknowledge(contactId: string, kind: 'ids', id: Uint8Array): void };
          if (message.type === 'text') chat.acknowledge(contactId, 'ids', message.id);
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
