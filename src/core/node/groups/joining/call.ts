// A call under a group's card (group/GROUP.md, "Joining by a card"): the holder asks, the admin whom the card names answers. The handshake is first contact's,
// under keys of its own.
import { type Bytes, concat, equalBytes } from '../../../bytes/bytes.ts';
import { utf8 } from '../../../bytes/utf8.ts';
import { KithError, kindOf } from '../../../errors.ts';
import type { GroupCard } from '../../../group/membership/group-card.ts';
import { cardPsk } from '../../../pairing/card-keys.ts';
import { contactHandshake, type HandshakeOptions, type Terms } from '../../../pairing/contact-handshake.ts';
import type { Person } from '../../../pairing/introduction.ts';
import { Queue } from '../../../queue.ts';
import type { SealedChannel } from '../../../session/channel.ts';
import { decode, encode } from '../../../wire/cbor.ts';
import { type GroupAnswer, type GroupAsk, groupAnswerSchema, groupAskSchema } from '../../../wire/group-messages.ts';

const MAX_WORD_BYTES = 1_024;
/** Whoever says nothing for so long is given up, milliseconds; an admin's person may take their time once that was said. */
const WORD_WITHIN_MS = 30_000;
/** Questions of one call: which group, may I join, and each once more. */
const MAX_QUESTIONS = 4;

export interface CardCallOptions extends HandshakeOptions {
  readonly card: GroupCard;
}

const terms = (card: GroupCard, isExpected: Terms['isExpected']): Terms => ({
  pattern: 'XXpsk0',
  psks: async () => [await cardPsk(card, 'kith group card')],
  prologue: (version) => concat(utf8('kith group card v1'), Uint8Array.of(version), card.fingerprint),
  isExpected,
});

/** The admin's side of one call. */
export class AskerCall {
  /** They were told that a person is being asked. */
  waits = false;

  constructor(
    readonly person: Person,
    readonly channel: SealedChannel,
  ) {}

  say(answer: GroupAnswer): void {
    this.waits = answer.answer === 'asked';
    this.channel.send(encode(answer)).catch(() => undefined);
  }

  /** Nothing more is said: what was said before still leaves. */
  end(): void {
    this.channel.close();
  }
}

/**
 * Answers whoever took the card. `hear` carries out one question after the other; one that rejects ends the call. Resolves when the call
 * is over. @throws KithError as `contactHandshake`
 */
export async function answerAsker(
  options: CardCallOptions,
  hear: (call: AskerCall, ask: GroupAsk) => Promise<void>,
): Promise<void> {
  const { channel, person } = await contactHandshake(
    options,
    terms(options.card, () => true),
    'responder',
  );
  const call = new AskerCall(person, channel);
  const queue = new Queue();
  let questions = 0;
  const listen = () => options.clock.after(WORD_WITHIN_MS, () => call.waits || channel.close(false));
  let silent = listen();
  channel.onMessage((payload) => {
    questions += 1;
    silent.cancel();
    silent = listen();
    if (questions > MAX_QUESTIONS) throw new KithError('frame-malformed');
    const ask = decode(payload, groupAskSchema, MAX_WORD_BYTES);
    // Only for oneself, and by the card under which we speak.
    if (!equalBytes(ask.bundle, person.bundle)) throw new KithError('group-forged');
    queue
      .run(() => hear(call, ask))
      .catch((error: unknown) => {
        options.log('info', 'question of a card’s holder not answered', { kind: kindOf(error) });
        channel.close(false);
      });
  });
  await new Promise<void>((resolve) => channel.onClose(() => resolve()));
  silent.cancel();
  await queue.run(async () => {});
}

/** The holder's side of one call. */
export class HolderCall {
  readonly #waiting: GroupAnswer[] = [];
  #wake: (() => void) | undefined;
  #over: KithError | undefined;

  private constructor(
    private readonly options: CardCallOptions,
    /** The admin whom the card names, proven. */
    readonly admin: Person,
    private readonly channel: SealedChannel,
  ) {
    channel.onMessage((payload) => {
      if (this.#waiting.length >= MAX_QUESTIONS) throw new KithError('frame-malformed');
      this.#waiting.push(decode(payload, groupAnswerSchema, MAX_WORD_BYTES));
      this.#wake?.();
    });
    channel.onClose(() => {
      this.#over = new KithError('link-closed');
      this.#wake?.();
    });
  }

  /** @throws KithError as `contactHandshake`: 'contact-impostor' when it is not the admin on the card */
  static async place(options: CardCallOptions): Promise<HolderCall> {
    const { card } = options;
    const isAdmin = ({ fingerprint }: Person) => equalBytes(fingerprint, card.fingerprint);
    const { person, channel } = await contactHandshake(options, terms(card, isAdmin), 'initiator');
    return new HolderCall(options, person, channel);
  }

  ask(cardKey: Bytes, joining?: GroupAsk['joining']): Promise<void> {
    const { self, name } = this.options;
    const ask = { type: 'group-ask', cardKey, bundle: self.bundle, person: name, ...(joining && { joining }) };
    return this.channel.send(encode(ask));
  }

  /** The next answer. `patiently`: a person is being asked. @throws KithError 'link-closed' */
  async answer(patiently = false): Promise<GroupAnswer> {
    const { clock } = this.options;
    const late = patiently ? undefined : clock.after(WORD_WITHIN_MS, () => this.channel.close(false));
    try {
      for (;;) {
        const answer = this.#waiting.shift();
        if (answer !== undefined) return answer;
        if (this.#over) throw this.#over;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      late?.cancel();
    }
  }

  end(): void {
    this.channel.close();
  }
}
