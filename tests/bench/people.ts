// A whole Kith without its screens: the node of a tab that leads, with every adapter of the real page (src/local-node.ts).
import type { RunningNode } from '../../src/core/node.ts';
import type { NodeEvent, Result, Snapshot } from '../../src/core/node-api.ts';
import { startLocalNode } from '../../src/local-node.ts';

export class People {
  #node: RunningNode | undefined;
  #written = 0;

  /** Starts the node with what is on the disk; makes an identity when there is none. */
  async start(name: string): Promise<void> {
    this.#node = await startLocalNode({ lost: console.error, usable: Promise.resolve() });
    if ((await this.#node.snapshot()).identity === null) take(await this.#node.createIdentity(name));
  }

  /** The text of a card that is valid now. */
  async card(): Promise<string> {
    const { card } = await this.#until(({ card }) => card !== null);
    return card?.text ?? '';
  }

  async takeCard(text: string): Promise<void> {
    take(await this.#live().takeCard(text));
  }

  /** Accepts whoever took the card. */
  async accept(): Promise<void> {
    const { requests } = await this.#until(({ requests }) => requests.length > 0);
    for (const { id } of requests) take(await this.#live().answerRequest(id, 'accept'));
  }

  /** Resolves to the conversation's id once the one contact is there. */
  async online(): Promise<string> {
    const isOnline = ({ conversations: [first] }: Snapshot) =>
      first?.kind === 'direct' && first.presence === 'online' && first.state === 'active';
    const { conversations } = await this.#until(isOnline);
    return conversations[0]?.id ?? '';
  }

  /**
   * Writes `count` texts of `size` bytes, `inFlight` of them not delivered at any time; resolves to milliseconds in all.
   * Delivered: on the other's disk, and known here.
   */
  async deliver(size: number, count: number, inFlight: number): Promise<number> {
    const node = this.#live();
    const conversation = await this.online();
    const texts = Array.from({ length: count }, (_, index) => `${this.#written + index} `.padEnd(size, 'x'));
    this.#written += count;
    const waiting = new Map<string, () => void>();
    const stop = node.subscribe((event) => settle(event, waiting));
    const began = performance.now();
    await pooled(texts, inFlight, async (text) => {
      const delivered = new Promise<void>((resolve) => waiting.set(text, resolve));
      take(await node.sendText(conversation, text));
      await delivered;
    });
    stop();
    return performance.now() - began;
  }

  async #until(holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    const node = this.#live();
    const now = await node.snapshot();
    if (holds(now)) return now;
    return new Promise((resolve) => {
      const stop = node.subscribe((event) => {
        if (event.type !== 'snapshot' || !holds(event.snapshot)) return;
        stop();
        resolve(event.snapshot);
      });
    });
  }

  #live(): RunningNode {
    if (!this.#node) throw new Error('the node has not been started');
    return this.#node;
  }
}

/** Tells those who wait for a message that it is delivered. */
function settle(event: NodeEvent, waiting: Map<string, () => void>): void {
  if (event.type !== 'messages') return;
  for (const { text, state } of event.messages) {
    if (state !== 'delivered' && state !== 'read') continue;
    waiting.get(text)?.();
    waiting.delete(text);
  }
}

/** Works through `items` in order, `width` at a time. */
async function pooled<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function take<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.kind);
  return result.value;
}
