// What a person may do about introductions: make them, call them off, answer them.
import type { KithNode, Result } from '../node-api.ts';
import type { House } from './house.ts';

type IntroductionActions = Pick<KithNode, 'introduce' | 'withdrawIntroduction' | 'answerIntroduction'>;

export const introductionActions = (house: House): IntroductionActions => ({
  introduce(conversationId: string, otherConversationId: string): Promise<Result<{ readonly introductionId: string }>> {
    return house.attempt(async () => ({
      introductionId: await house.requireNetwork().introductions.introduce(conversationId, otherConversationId),
    }));
  },

  withdrawIntroduction(introductionId: string): Promise<Result> {
    return house.attempt(() => house.requireNetwork().introductions.withdraw(introductionId));
  },

  answerIntroduction(introductionId: string, answer: 'accept' | 'refuse'): Promise<Result> {
    return house.attempt(() => house.requireNetwork().introductions.answer(introductionId, answer));
  },
});
