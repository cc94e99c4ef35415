// The tab's side of pairing over a Bluetooth mailbox: only a page that the person has just touched may choose a device, and only it can
// talk to it. The node, which may live in another tab, sends it on errands.
import { kindOf } from '../errors.ts';
import type { KithNode, MailboxErrand, MailboxOutcome, Result } from '../node-api.ts';
import { MailboxVisitor } from '../pairing/mailbox/visit.ts';
import type { Bluetooth } from '../ports/bluetooth.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { Queue } from '../queue.ts';
import { resultOf } from './result.ts';

export interface MailboxCourierOptions {
  readonly node: KithNode;
  readonly bluetooth: Bluetooth;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class MailboxCourier {
  readonly #options: MailboxCourierOptions;
  /** Mailboxes that were chosen here. */
  readonly #visitors = new Map<string, MailboxVisitor>();
  /** An errand that the node has given up may still be under way. */
  readonly #queue = new Queue();

  constructor(options: MailboxCourierOptions) {
    this.#options = options;
    options.node.subscribe((event) => {
      if (event.type === 'errand') void this.#queue.run(() => this.#go(event.errand));
    });
  }

  /** Lets the person choose a mailbox and begins to pair there; call it while their click is fresh. Value: for the node's other calls. */
  async start(): Promise<Result<{ readonly mailboxId: string }>> {
    const { node, bluetooth, clock, random, log } = this.#options;
    const chosen = await resultOf(log, () => bluetooth.choose());
    if (!chosen.ok) return chosen;
    // In the queue, so that the first errand finds its visitor.
    return this.#queue.run(async () => {
      const started = await node.startMailbox();
      if (started.ok) {
        this.#visitors.clear();
        this.#visitors.set(started.value.mailboxId, new MailboxVisitor({ peripheral: chosen.value, clock, random }));
      }
      return started;
    });
  }

  /** It was chosen here, and no other since. */
  goesTo(mailboxId: string): boolean {
    return this.#visitors.has(mailboxId);
  }

  async #go(errand: MailboxErrand): Promise<void> {
    const visitor = this.#visitors.get(errand.mailboxId);
    if (visitor !== undefined) await this.#options.node.mailboxVisited(errand.id, await visit(visitor, errand));
  }
}

async function visit(visitor: MailboxVisitor, errand: MailboxErrand): Promise<MailboxOutcome> {
  try {
    const seen = await visitor.visit(errand);
    return { ok: true, seen: [...seen].map(([slot, bytes]) => ({ slot, bytes })) };
  } catch (error) {
    return { ok: false, kind: kindOf(error) };
  }
}
