// What the screens do about introductions: whom one may introduce, and the question before it. Loaded with the screens that need it.
import type {
  ConversationView,
  DirectConversationView,
  GivenIntroductionView,
  IntroductionView,
  Snapshot,
} from '../core/node-api.ts';
import type { MeetingWords } from './i18n/meeting.ts';
import type { App } from './kith.ts';
import { nameOf } from './names.ts';

type Words = MeetingWords['introduction'];

/** What the person should answer or read. */
export const toAnswer = (snapshot: Snapshot | null): readonly IntroductionView[] =>
  snapshot?.introductions.received.filter(({ state }) => state !== 'waiting') ?? [];

/** Those I accepted whose other side has not; of one introducer, or of all. */
export const waitingFor = (snapshot: Snapshot | null, by?: string): readonly IntroductionView[] =>
  snapshot?.introductions.received.filter((one) => one.state === 'waiting' && (by === undefined || one.by === by)) ??
  [];

/** Under way with this contact. */
export const givenWith = (snapshot: Snapshot | null, id: string): readonly GivenIntroductionView[] =>
  snapshot?.introductions.given.filter(({ conversationIds }) => conversationIds.includes(id)) ?? [];

export interface Candidates {
  readonly verified: readonly DirectConversationView[];
  /** How many others could be introduced if they were verified. */
  readonly unverified: number;
}

/** To whom a contact may be introduced: the others I talk to and have verified, without those that it is under way with. */
export function candidatesFor(snapshot: Snapshot | null, id: string): Candidates {
  const taken = new Set(givenWith(snapshot, id).flatMap(({ conversationIds }) => conversationIds));
  const others =
    snapshot?.conversations.filter(
      (view): view is DirectConversationView =>
        view.kind === 'direct' && view.id !== id && view.state === 'active' && !taken.has(view.id),
    ) ?? [];
  const verified = others.filter(({ trust }) => trust === 'verified');
  return { verified, unverified: others.length - verified.length };
}

/** Asks, introduces, and says what happens next. Resolves to whether it was done. */
export async function introduce(
  app: App,
  words: Words['make'],
  one: ConversationView,
  other: ConversationView,
): Promise<boolean> {
  const names = [nameOf(one, app.t), nameOf(other, app.t)] as const;
  const { title, body, yes } = words.question;
  if (!(await app.questions.ask({ title: title(...names), body, yes, harmless: true }))) return false;
  const made = await app.node.introduce(one.id, other.id);
  app.report(made);
  if (made.ok) app.toasts.show(words.made(...names));
  return made.ok;
}

/** Says yes or no, and what a yes leads to. */
export async function answerIntroduction(
  app: App,
  words: Words['request'],
  introduction: IntroductionView,
  answer: 'accept' | 'refuse',
): Promise<void> {
  const answered = await app.node.answerIntroduction(introduction.id, answer);
  app.report(answered);
  if (answered.ok && answer === 'accept') app.toasts.show(words.accepted(introduction.name));
}
