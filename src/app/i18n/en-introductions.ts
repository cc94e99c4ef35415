// English for introductions: the question to whoever is introduced, and the part of a contact's page where one introduces.
import { isolated } from '../format.ts';

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });
const somebody = (name: string) => (name === '' ? 'somebody' : isolated(name));
const contact = (name: string) => (name === '' ? 'a contact of yours' : isolated(name));
const first = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

export const introductionWords = {
  request: {
    title: (by: string, name: string) => `${first(contact(by))} introduces you to ${somebody(name)}`,
    number: 'Number',
    question: (by: string) =>
      `Do you know of this? You have only the word of ${contact(by)} for who this is. You are connected if both of you accept; nobody is told of a no.`,
    unverified: (by: string) =>
      `You have not verified ${contact(by)} yet, so somebody else may be saying this. Compare first; then you can accept.`,
    known: 'This person is in your list already. Nothing changes.',
    lapsed: 'They have not accepted in time. Kith has stopped looking for them.',
    failed:
      'Somebody else answered in their place. Nothing was shared. Ask your contact what happened, and meet in person.',
    compare: 'Compare',
    accept: 'Accept',
    refuse: 'Refuse',
    read: 'OK',
    accepted: (name: string) => `You are connected as soon as ${somebody(name)} accepts too.`,
  },
  waiting: {
    title: 'Introductions you accepted',
    line: (name: string) => `Waiting for ${somebody(name)} to accept…`,
    help: (by: string, endsAt: number) => `Introduced by ${contact(by)} · until ${day.format(endsAt)}`,
    stop: 'Stop waiting',
  },
  make: {
    title: 'Introduce',
    help: (name: string) =>
      `Make ${somebody(name)} and another contact of yours known to each other. Both are asked, and both see that it is your word.`,
    mustVerify: (name: string) =>
      `You can introduce ${somebody(name)} once you have verified them: you would be giving your word for their keys. Compare above.`,
    nobody:
      'Only people you have verified can be introduced, and there is nobody else yet. Compare with another contact first.',
    start: 'Introduce to…',
    people: (name: string) => `Introduce ${somebody(name)} to`,
    pick: (name: string, other: string) => `Introduce ${somebody(name)} to ${somebody(other)}`,
    others: (count: number) =>
      count === 1
        ? '1 other contact is not verified yet, and cannot be introduced.'
        : `${count} other contacts are not verified yet, and cannot be introduced.`,
    question: {
      title: (one: string, other: string) => `Introduce ${somebody(one)} and ${somebody(other)}?`,
      body: 'Each of them gets the other’s name, number and public keys at once, and decides. You are not told what they answer. If both accept, they see each other as introduced by you.',
      yes: 'Introduce',
    },
    made: (one: string, other: string) => `${first(somebody(one))} and ${somebody(other)} will be asked.`,
    given: 'Introductions under way',
    to: (name: string) => `To ${somebody(name)}`,
    delivered: (endsAt: number) => `Both have been asked. They can accept until ${day.format(endsAt)}.`,
    undelivered: (names: readonly string[]) => `Waiting for ${names.map(somebody).join(' and ')} to be online`,
    withdraw: 'Withdraw',
    withdrawNamed: (name: string) => `Withdraw the introduction to ${somebody(name)}`,
  },
};
