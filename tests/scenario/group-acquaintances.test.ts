// Fellow members become contacts: asked over the session of the two, agreed to by both, unverified until somebody compares.
import { beforeEach, describe, expect, it } from 'vitest';
import type { GroupMemberView, PairRequestView, Result } from '../../src/core/node-api.ts';
import { Village, type Villager } from '../fixtures/village.ts';
import { groupOf, idOf } from '../fixtures/village-groups.ts';

let village: Village;
let ana: Villager;
let ben: Villager;
let cleo: Villager;

async function memberOf(person: Villager, other: Villager): Promise<GroupMemberView | undefined> {
  const view = await person.node.group(await idOf(person));
  if (!view?.ok) throw new Error('no group');
  return view.value.members.find(({ name, theirName }) => name === other.name || theirName === other.name);
}

type Asked = Result<{ readonly attemptId: string }>;

async function ask(person: Villager, other: Villager): Promise<Asked> {
  const member = (await memberOf(person, other))?.id ?? '';
  const asked = person.node.askMember(await idOf(person), member);
  return village.outcome(asked);
}

async function requestOf(person: Villager): Promise<PairRequestView> {
  await village.until(async () => (await person.snapshot()).requests.length > 0, `a request for ${person.name}`);
  const [request] = (await person.snapshot()).requests;
  if (!request) throw new Error('no request');
  return request;
}

const answer = async (person: Villager, how: 'accept' | 'accept-verified' | 'refuse') =>
  village.outcome(person.node.answerRequest((await requestOf(person)).id, how));

/** Ana makes it with Ben and Cleo, who have never met each other. */
beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  cleo = await village.person('Cleo');
  await village.introduce(ana, ben);
  await village.introduce(ana, cleo);
  const contacts = [await ana.idOf(ben), await ana.idOf(cleo)];
  await village.outcome(ana.node.createGroup('Hikers', contacts));
  for (const person of [ben, cleo]) {
    await village.until(async () => (await groupOf(person))?.standing === 'invited', `${person.name} is invited`);
    await village.outcome(person.node.answerGroup(await idOf(person), 'accept'));
  }
  await village.until(async () => (await memberOf(ben, cleo))?.online === true, 'Ben sees Cleo');
});

describe('somebody met in a group', () => {
  it('both agree: whoever is asked and says yes is a contact whom nobody has verified, whatever was answered', async () => {
    expect(await memberOf(ben, cleo)).toMatchObject({ contactId: null, asked: false });
    expect(await ask(ben, cleo)).toMatchObject({ ok: true });
    expect(await requestOf(cleo)).toMatchObject({ name: 'Ben', way: 'member', knownAs: null });
    await village.until(async () => (await memberOf(ben, cleo))?.asked === true, 'Ben waits');
    expect(await memberOf(ben, cleo)).toMatchObject({ contactId: null, asked: true });
    await answer(cleo, 'accept-verified');
    await village.together(ben, cleo);
    expect(await ben.with(cleo)).toMatchObject({ trust: 'unverified', way: 'member', state: 'active' });
    expect(await cleo.with(ben)).toMatchObject({ trust: 'unverified', way: 'member', state: 'active' });
    for (const [one, other] of [
      [ben, cleo],
      [cleo, ben],
    ] as const) {
      expect(await memberOf(one, other)).toMatchObject({ contactId: await one.idOf(other), asked: false });
    }
    const sent = await ben.node.sendText(await ben.idOf(cleo), 'just us');
    expect(sent.ok).toBe(true);
    await village.until(async () => (await cleo.texts(ben, 'in')).includes('just us'), 'a message between two');
    // The group goes on over the session that they have now.
    await ben.node.sendText(await idOf(ben), 'all of us');
    await village.until(async () => {
      const messages = await cleo.node.listMessages(await idOf(cleo), null, 50);
      return messages.some(({ text }) => text === 'all of us');
    }, 'a message to all');
  });

  it('two who are alone with each other in the group go on in it when they become contacts', async () => {
    await ana.close();
    await village.until(async () => (await memberOf(ben, ana))?.online === false, 'Ana has gone');
    expect(await ask(ben, cleo)).toMatchObject({ ok: true });
    await answer(cleo, 'accept');
    await village.together(ben, cleo);
    await village.pass(5_000);
    for (const [one, other] of [
      [ben, cleo],
      [cleo, ben],
    ] as const) {
      const text = `of ${one.name}`;
      await one.node.sendText(await idOf(one), text);
      await village.until(async () => {
        const messages = await other.node.listMessages(await idOf(other), null, 50);
        return messages.some((message) => message.text === text);
      }, `${other.name} reads`);
    }
  });

  it('who is blocked while they have not answered yet is met no more', async () => {
    expect(await ask(ben, cleo)).toMatchObject({ ok: true });
    await requestOf(cleo);
    await village.until(async () => (await ben.with(cleo)) !== undefined, 'Ben keeps Cleo');
    expect((await memberOf(ben, cleo))?.online).toBe(true);
    expect(await village.outcome(ben.node.block(await ben.idOf(cleo)))).toMatchObject({ ok: true });
    await village.until(async () => (await memberOf(ben, cleo))?.online === false, 'Ben meets Cleo no more');
  });

  it('a day’s no: who said no is not asked again on the same day, and sees nothing of it', async () => {
    await ask(ben, cleo);
    await answer(cleo, 'refuse');
    await village.until(async () => (await memberOf(ben, cleo))?.asked === false, 'Ben knows');
    expect(await ask(ben, cleo)).toMatchObject({ ok: false, kind: 'member-refused' });
    expect((await cleo.snapshot()).requests).toEqual([]);
    // They are in the group with each other as before, after a reload too.
    await Promise.all([ben.close(), cleo.close()]);
    await Promise.all([ben.start(), cleo.start()]);
    await village.until(async () => (await memberOf(cleo, ben))?.online === true, 'Cleo meets Ben');
    expect(await ask(ben, cleo)).toMatchObject({ ok: false, kind: 'member-refused' });
  });

  it('of two who ask each other nobody is asked', async () => {
    const [one, other] = await Promise.all([ask(ben, cleo), ask(cleo, ben)]);
    expect([one.ok, other.ok]).toEqual([true, true]);
    await village.together(ben, cleo);
    expect((await cleo.snapshot()).requests).toEqual([]);
    expect((await ben.snapshot()).requests).toEqual([]);
    expect(await ben.with(cleo)).toMatchObject({ trust: 'unverified', way: 'member' });
  });

  it('who is not there cannot be asked, and nothing is left of it', async () => {
    await cleo.close();
    await village.until(async () => (await memberOf(ben, cleo))?.online === false, 'Cleo has gone');
    expect(await ask(ben, cleo)).toMatchObject({ ok: false, kind: 'member-away' });
    expect((await ben.snapshot()).attempts).toEqual([]);
    expect(await memberOf(ben, cleo)).toMatchObject({ asked: false, contactId: null });
  });

  it('a contact needs not be asked, a blocked one is not, nor I myself, nor who is no member', async () => {
    expect(await ask(ben, ana)).toMatchObject({ ok: false, kind: 'contact-known' });
    expect(await ask(ben, ben)).toMatchObject({ ok: false, kind: 'group-not-member' });
    await ben.node.block(await ben.idOf(ana));
    expect(await ask(ben, ana)).toMatchObject({ ok: false, kind: 'blocked' });
    const nobody = await ben.node.askMember(await idOf(ben), 'ab'.repeat(32));
    expect(nobody).toMatchObject({ ok: false, kind: 'group-not-member' });
  });

  it('asking again while the other thinks about it is the same asking', async () => {
    await ask(ben, cleo);
    await requestOf(cleo);
    await village.until(async () => (await ben.snapshot()).conversations.length === 3, 'Ben keeps Cleo');
    expect(await ask(ben, cleo)).toMatchObject({ ok: false, kind: 'contact-known' });
    expect((await cleo.snapshot()).requests).toHaveLength(1);
  });

  it('who waits for an answer is met in the group as before, also after a reload', async () => {
    await ask(ben, cleo);
    await requestOf(cleo);
    await village.until(async () => (await ben.snapshot()).conversations.length === 3, 'Ben keeps Cleo');
    await ben.close();
    await ana.close();
    await ben.start();
    await village.until(async () => (await memberOf(ben, cleo))?.online === true, 'Ben and Cleo, without Ana');
    await ben.node.sendText(await idOf(ben), 'still here');
    await village.until(async () => {
      const messages = await cleo.node.listMessages(await idOf(cleo), null, 50);
      return messages.some(({ text }) => text === 'still here');
    }, 'a message without Ana');
    await answer(cleo, 'accept');
    await village.together(ben, cleo);
  });

  it('has the number under what they wrote as soon as it is worked out, and the name that I call them', async () => {
    let done = () => {};
    const gate = new Promise<void>((resolve) => {
      done = resolve;
    });
    await ben.close();
    ben.argon2 = () => gate;
    const told = new Map<string, string>();
    await ben.start();
    ben.node.subscribe((event) => {
      if (event.type === 'messages')
        for (const { text, from, fromName } of event.messages) told.set(text, `${from} ${fromName}`);
    });
    await village.until(async () => (await memberOf(ben, cleo))?.online === true, 'Ben sees Cleo');
    await cleo.node.sendText(await idOf(cleo), 'who am I?');
    await village.until(() => told.get('who am I?') === ' Cleo', 'the text, without a number');
    done();
    const number = await cleo.number();
    await village.until(() => told.get('who am I?') === `${number} Cleo`, 'the number');
    await ana.node.sendText(await idOf(ana), 'and I?');
    await village.until(() => told.has('and I?'), 'a text of a contact');
    await ben.node.setNickname(await ben.idOf(ana), 'Mum');
    await village.until(() => told.get('and I?')?.endsWith(' Mum') === true, 'the nickname');
  });

  it('members only: who was removed gets no answer, nor does somebody who is invited', async () => {
    const view = await ana.node.group(await idOf(ana));
    const fingerprint = (await memberOf(ana, ben))?.id ?? '';
    expect(view.ok && view.value.members.length).toBe(3);
    await village.outcome(ana.node.removeMember(await idOf(ana), fingerprint));
    await village.until(async () => (await groupOf(ben))?.standing === 'removed', 'Ben is removed');
    const cleosId = (await memberOf(cleo, cleo))?.id ?? '';
    const asked = await village.outcome(ben.node.askMember(await idOf(ben), cleosId));
    expect(asked).toMatchObject({ ok: false, kind: 'group-not-member' });
    expect((await cleo.snapshot()).requests).toEqual([]);
    const dora = await village.person('Dora');
    await village.introduce(ana, dora);
    await village.outcome(ana.node.addMembers(await idOf(ana), [await ana.idOf(dora)], false));
    await village.until(async () => (await groupOf(dora))?.standing === 'invited', 'Dora is invited');
    expect(await village.outcome(dora.node.askMember(await idOf(dora), cleosId))).toMatchObject({
      ok: false,
      kind: 'group-not-member',
    });
  });
});
