// Pairing over a Bluetooth mailbox, as far as the node goes: runs the exchange and keeps what comes of it. The radio is in the hands of
// the tab in which the person chose the mailbox; it is sent on errands (mailbox-courier.ts).
import { toHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import type { MailboxErrand, MailboxOutcome, MailboxView } from '../node-api.ts';
import { isCommitted } from '../pairing/mailbox/exchange.ts';
import { MailboxRun, type MailboxRunOptions } from '../pairing/mailbox/mailbox-run.ts';
import type { Phase } from '../pairing/mailbox/phase.ts';
import type { Errand, Seen } from '../pairing/mailbox/visit.ts';

/** A tab that says nothing for so long has gone, or its radio has; milliseconds. Four tries of a bad connection take less. */
const ERRAND_MS = 45_000;
const ID_BYTES = 16;

export interface MailboxPairingOptions extends Omit<MailboxRunOptions, 'visit'> {
  /** Tells every tab. */
  readonly send: (errand: MailboxErrand) => void;
  /** Of the contact with this fingerprint; null when there is none. */
  readonly conversationOf: (fingerprint: Uint8Array) => string | null;
}

interface Pairing {
  readonly id: string;
  readonly run: MailboxRun;
}

export class MailboxPairing {
  readonly #options: MailboxPairingOptions;
  readonly #errands = new Map<string, (outcome: MailboxOutcome) => void>();
  #pairing: Pairing | undefined;

  constructor(options: MailboxPairingOptions) {
    this.#options = options;
  }

  /** @throws KithError 'mailbox-elsewhere' while another one is under way */
  start(): string {
    const { at } = this.#pairing?.run.phase ?? { at: 'over' };
    if (at !== 'done' && at !== 'failed' && at !== 'over') throw new KithError('mailbox-elsewhere');
    this.#pairing?.run.close();
    const id = toHex(this.#options.random.bytes(ID_BYTES));
    this.#pairing = { id, run: new MailboxRun({ ...this.#options, visit: (errand) => this.#visit(id, errand) }) };
    this.#options.changed();
    return id;
  }

  view(): MailboxView | null {
    if (this.#pairing === undefined || this.#pairing.run.phase.at === 'over') return null;
    const { id, run } = this.#pairing;
    const { phase } = run;
    return {
      id,
      state: stateOf(phase),
      code: 'run' in phase ? phase.run.secrets.codes[phase.run.side] : null,
      triesLeft: phase.at === 'comparing' ? phase.tries : null,
      kind: phase.at === 'failed' ? phase.kind : null,
      confirmed: phase.at === 'done' && phase.confirmed,
      conversationId: phase.at === 'done' ? this.#options.conversationOf(phase.agreement.theirs.fingerprint) : null,
    };
  }

  /** @throws KithError 'code-…' | 'mailbox-expired' */
  enter(id: string, digits: string): void {
    const run = this.#runOf(id);
    if (run === undefined) throw new KithError('mailbox-expired');
    run.enter(digits.replace(/[\s-]/g, ''));
  }

  startOver(id: string): void {
    this.#runOf(id)?.startOver();
  }

  cancel(id: string): void {
    this.#runOf(id)?.cancel();
  }

  /** A tab is back from an errand. */
  visited(errandId: string, outcome: MailboxOutcome): void {
    this.#errands.get(errandId)?.(outcome);
  }

  close(): void {
    this.#pairing?.run.close();
  }

  #runOf(id: string): MailboxRun | undefined {
    return this.#pairing?.id === id ? this.#pairing.run : undefined;
  }

  #visit(mailboxId: string, errand: Errand): Promise<Seen> {
    const { clock, random, send } = this.#options;
    const id = toHex(random.bytes(ID_BYTES));
    return new Promise<Seen>((resolve, reject) => {
      const late = clock.after(ERRAND_MS, () => this.visited(id, { ok: false, kind: 'bluetooth-lost' }));
      this.#errands.set(id, (outcome) => {
        this.#errands.delete(id);
        late.cancel();
        if (outcome.ok) resolve(new Map(outcome.seen.map(({ slot, bytes }) => [slot, bytes])));
        else reject(new KithError(outcome.kind));
      });
      send({ ...errand, id, mailboxId });
    });
  }
}

function stateOf(phase: Phase): MailboxView['state'] {
  switch (phase.at) {
    case 'preparing':
    case 'over':
      return 'reaching';
    case 'arriving':
      return phase.busy ? 'busy' : 'reaching';
    case 'replying':
    case 'opening':
    case 'deriving':
      return 'joining';
    case 'waiting':
    case 'comparing':
    case 'done':
    case 'failed':
      return phase.at;
    default:
      return isCommitted(phase) ? 'typed' : 'reaching';
  }
}
