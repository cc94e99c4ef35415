// The leader's side of TABS.md: runs the node, answers calls of other tabs, tells them its events.
import { type ErrorDetail, KithError, kindOf } from '../../core/errors.ts';
import type { KithNode } from '../../core/node-api.ts';
import { type Failure, invoke, type TabMessage } from './messages.ts';

/** Answers kept for tabs that have not said `received`; tabs that vanish never do. */
const MAX_REMEMBERED = 1_024;

type Call = Extract<TabMessage, { type: 'call' }>;
type Answer = Extract<TabMessage, { type: 'answer' | 'failed' }>;

export interface Leadership {
  /** Gives it a message of another tab. */
  receive(message: TabMessage): void;
  /** Stops telling events and answering. */
  end(): void;
}

/** Announces itself at once. @param post sends to all other tabs; it throws what cannot be cloned. */
export function lead(node: KithNode, term: string, post: (message: TabMessage) => void): Leadership {
  const answers = new Map<string, Promise<Answer>>();
  // Nobody listens until somebody has spoken: a single tab copies nothing.
  let heard = false;

  const carryOut = async ({ id, method, args }: Call): Promise<Answer> => {
    try {
      return { type: 'answer', term, id, value: await invoke(node, method, args) };
    } catch (error) {
      return { type: 'failed', term, id, failure: failureOf(error) };
    }
  };

  const answer = async (call: Call): Promise<void> => {
    const known = answers.get(call.id) ?? carryOut(call);
    answers.set(call.id, known);
    forgetOldest(answers);
    const reply = await known;
    try {
      post(reply);
    } catch (error) {
      post({ type: 'failed', term, id: call.id, failure: failureOf(error) });
    }
  };

  const unsubscribe = node.subscribe((event) => {
    if (heard) post({ type: 'event', term, event });
  });
  post({ type: 'leader', term });

  return {
    receive(message) {
      if (message.type === 'hello') post({ type: 'leader', term });
      if (message.type === 'call' && message.term === term) void answer(message);
      if (message.type === 'received' && message.term === term) answers.delete(message.id);
      heard = true;
    },
    end: unsubscribe,
  };
}

/** What another tab may know of an error: its kind and detail; the original stays in this tab's console. */
export function failureOf(error: unknown): Failure {
  const detail: ErrorDetail = error instanceof KithError ? error.detail : {};
  return { kind: kindOf(error), detail };
}

function forgetOldest(answers: Map<string, unknown>): void {
  const oldest = answers.keys().next();
  if (answers.size > MAX_REMEMBERED && !oldest.done) answers.delete(oldest.value);
}
