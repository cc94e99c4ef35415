// Cards of groups in the wrong hands, and whatever else may go wrong while somebody asks to be let in (GROUP.md, "Joining by a card").
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeGroupCard } from '../../src/core/group/membership/group-card.ts';
import { decodeGroup } from '../../src/core/node/groups/group-records.ts';
import { Stranger } from '../fixtures/group-card-strangers.ts';
import { actions, attempt, CardVillage, listed, secretsOf } from '../fixtures/group-cards.ts';
import { person } from '../fixtures/people.ts';
import type { Villager } from '../fixtures/village.ts';

let cards: CardVillage;
let village: CardVillage['village'];
let ana: Villager;
let group: string;

beforeEach(async () => {
  cards = await CardVillage.begin();
  ({ village, ana, group } = cards);
});

const memberOf = async (name: string) => (await cards.page()).members.find((member) => member.name === name)?.id ?? '';

describe('cards', () => {
  it.each([0, 1, 2, 3])(
    'the secret first: the power fails before commit %i of a new card, and no card is in the group that nobody can answer',
    async (commits) => {
      ana.disk.commitsUntilCrash = commits;
      void actions(ana).newGroupCard(group, 1, 3_600_000);
      await village.pass(5_000);
      if (ana.disk.crashes === 0) ana.disk.crash();
      const issued = (await ana.disk.reopen().list('group-operations')).length - 1;
      expect((await secretsOf(ana))[0]).toBeGreaterThanOrEqual(issued);
      await ana.start();
      expect((await cards.page()).cards).toHaveLength(issued);
    },
  );

  it('bounded: whatever is made and revoked beside it, a card that works goes on working', async () => {
    await cards.admits('by-itself');
    const first = await cards.newCard();
    for (let round = 0; round < 40; round += 1) await cards.revoke((await cards.newCard(1)).id);
    expect((await cards.page()).cards).toEqual([first]);
    const cleo = await village.person('Cleo');
    await cards.take(cleo, first.text);
    await cards.isIn(cleo);
  });

  it('over is said: a card of somebody who is no admin any more', async () => {
    const ben = await village.person('Ben');
    const cleo = await village.person('Cleo');
    await cards.admits('by-itself');
    await cards.take(ben, (await cards.newCard()).text);
    await cards.isIn(ben);
    await cards.value(actions(ana).makeAdmin(group, await memberOf('Ben')));
    const bens = (await listed(ben))?.id ?? '';
    await village.until(async () => (await listed(ben))?.role === 'admin', 'Ben is an admin');
    const card = await cards.value(actions(ben).newGroupCard(bens, 5, 3_600_000));
    await village.pass(5_000);
    await cards.value(actions(ana).removeMember(group, await memberOf('Ben')));
    await village.until(async () => (await listed(ben))?.standing === 'removed', 'Ben is out');
    await cards.take(ben, (await cards.newCard()).text);
    const [again] = await cards.requests(1);
    await cards.answer(again?.id ?? '', 'accept');
    await cards.isIn(ben);
    expect((await cards.value(actions(ben).group(bens))).cards).toEqual([]);
    await cards.take(cleo, card.text);
    expect(await cards.failure(cleo)).toBe('group-card-over');
  });

  it('over is said: to whoever waits for a person while the card is revoked', async () => {
    const cleo = await village.person('Cleo');
    const card = await cards.newCard();
    await cards.take(cleo, card.text);
    await cards.requests(1);
    await cards.revoke(card.id);
    expect(await cards.failure(cleo)).toBe('group-card-over');
    expect((await cards.page()).requests).toEqual([]);
  });
});

describe('a leaked card', () => {
  it('bounded: who floods with askings under one card, which is revoked then, keeps nobody out who comes by another', {
    timeout: 60_000,
  }, async () => {
    const leaked = await cards.newCard(49);
    for (let at = 0; at < 32; at += 1) {
      const zoe = new Stranger(village, await person(`Zoe ${at}`), 5_000 + at);
      const call = await zoe.calls(leaked.text);
      expect(await zoe.asks(leaked.text, call)).toMatchObject({ answer: 'asked' });
      call.end();
      zoe.leaves();
    }
    await cards.requests(32);
    await cards.revoke(leaked.id);
    const cleo = await village.person('Cleo');
    await cards.take(cleo, (await cards.newCard()).text);
    await village.until(async () => (await cards.page()).requests.some(({ name }) => name === 'Cleo'), 'Cleo asks');
    expect((await cards.page()).requests).toHaveLength(1);
  });

  it('bounded: sixteen may wait for a person at once, though four calls are answered at a time', async () => {
    const card = await cards.newCard(49);
    const holders: Villager[] = [];
    for (let at = 0; at < 16; at += 1) holders.push(await village.person(`Holder ${at}`));
    const start = village.clock.now();
    for (const holder of holders) await cards.take(holder, card.text);
    await cards.requests(16);
    // Holders do not look for each other: before, these took a quarter of an hour.
    expect(village.clock.now() - start).toBeLessThan(300_000);
  });

  it('bounded: who calls and then says nothing keeps nobody out', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard(49);
    for (let at = 0; at < 4; at += 1) {
      const zoe = new Stranger(village, await person(`Zoe ${at}`), 5_000 + at);
      const call = await zoe.calls(card.text);
      expect(await zoe.knocks(card.text, call)).toMatchObject({ answer: 'group' });
    }
    const cleo = await village.person('Cleo');
    await cards.take(cleo, card.text);
    await cards.isIn(cleo);
  });

  it('with what somebody else signed nobody is let in', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard();
    const zoe = new Stranger(village, await person('Zoe'), 5_000);
    const call = await zoe.calls(card.text);
    await expect(zoe.asks(card.text, call, await person('Cleo'))).rejects.toMatchObject({ kind: 'link-closed' });
    expect((await cards.page()).members).toHaveLength(1);
  });

  it('the removed are asked about: so is whom the admin has blocked', async () => {
    const cleo = await village.person('Cleo');
    await village.introduce(ana, cleo);
    await cards.admits('by-itself');
    await cards.value(ana.node.block(await ana.idOf(cleo)));
    await cards.take(cleo, (await cards.newCard()).text);
    await cards.requests(1);
    expect((await cards.page()).members).toHaveLength(1);
  });

  it('the removed are asked about: who was removed does not come back with it by themselves', async () => {
    await cards.admits('by-itself');
    const card = await cards.newCard();
    const cleo = await village.person('Cleo');
    await cards.take(cleo, card.text);
    await cards.isIn(cleo);
    await cards.value(actions(ana).removeMember(group, await memberOf('Cleo')));
    await village.until(async () => (await listed(cleo))?.standing === 'removed', 'Cleo is out');
    await cards.take(cleo, card.text);
    const [request] = await cards.requests(1);
    expect((await cards.page()).members).toHaveLength(1);
    await cards.answer(request?.id ?? '', 'accept');
    await cards.isIn(cleo);
  });
});

describe('the holder', () => {
  it('the key first: who gives up and asks again has the key that was let in meanwhile', async () => {
    const cleo = await village.person('Cleo');
    const card = await cards.newCard();
    await cards.take(cleo, card.text);
    const [request] = await cards.requests(1);
    await cleo.node.dismissAttempt((await attempt(cleo))?.id ?? '');
    await cards.answer(request?.id ?? '', 'accept');
    await cards.take(cleo, card.text);
    await cards.isIn(cleo);
    await cards.says(cleo, 'here I am');
    await cards.reads(ana, ['here I am']);
  });

  it('again is the same: whoever was let in after they had given up hears so when they ask once more', async () => {
    const cleo = await village.person('Cleo');
    const card = await cards.newCard(5, 7 * 86_400_000);
    await cards.take(cleo, card.text);
    const [request] = await cards.requests(1);
    await cleo.close();
    await village.pass(1_000);
    await cards.answer(request?.id ?? '', 'accept');
    await ana.close();
    await village.pass(8 * 86_400_000 + 1);
    await cleo.start();
    expect(await cards.failure(cleo)).toBe('group-card-over');
    await ana.start();
    await cards.take(cleo, card.text);
    await cards.isIn(cleo);
  });

  it('who is a contact of the admin already is let in as anybody is', async () => {
    const ben = await village.person('Ben');
    await village.introduce(ana, ben);
    await cards.admits('by-itself');
    await cards.take(ben, (await cards.newCard()).text);
    await cards.isIn(ben);
    await cards.says(ben, 'hello');
    await cards.reads(ana, ['hello']);
  });

  it.each([0, 300, 2_000])(
    'a contact of the admin hears of the group from their session too: the key with which they were let in stays (commits take %i ms)',
    async (milliseconds) => {
      const cleo = await village.person('Cleo');
      await village.introduce(ana, cleo);
      await cards.admits('by-itself');
      cleo.commitMs = milliseconds;
      await cards.take(cleo, (await cards.newCard()).text);
      await cards.isIn(cleo);
      cleo.commitMs = 0;
      // Longer than an invitation is looked into.
      await village.pass(70_000);
      await cards.says(cleo, 'still in');
      await cards.reads(ana, ['still in']);
      await cleo.close();
      await cleo.start();
      await cards.says(cleo, 'with the same key');
      await cards.reads(ana, ['still in', 'with the same key']);
      expect((await cleo.snapshot()).conversations.filter(({ kind }) => kind === 'group')).toHaveLength(1);
    },
  );

  it('an admin who names another group than the card’s cannot take away the holder’s key in it', async () => {
    const cleo = await village.person('Cleo');
    await village.introduce(ana, cleo);
    const [record] = await ana.disk.reopen().list('groups');
    const { group: named } = decodeGroup(record?.value ?? new Uint8Array());
    const self = await person('Mallory');
    const mallory = new Stranger(village, self, 6_000);
    const card = { fingerprint: Uint8Array.from(self.fingerprint), secret: new Uint8Array(16).fill(7) };
    let letIn = () => {};
    const about = { type: 'group-answer', answer: 'group', group: Uint8Array.from(named) } as const;
    await mallory.answers(card, async (call, ask) => {
      if (ask.joining === undefined) return call.say(about);
      call.say({ type: 'group-answer', answer: 'asked' });
      letIn = () => call.say(about);
    });
    await cards.take(cleo, encodeGroupCard(card));
    await village.until(async () => (await attempt(cleo))?.state === 'calling', 'Cleo asks');
    await cards.value(actions(ana).addMembers(group, [await ana.idOf(cleo)], false));
    await village.until(async () => (await listed(cleo))?.standing === 'invited', 'Cleo is invited');
    await cards.value(actions(cleo).answerGroup((await listed(cleo))?.id ?? '', 'accept'));
    await cards.isIn(cleo);
    letIn();
    expect(await cards.failure(cleo)).toBe('group-mine');
    await cleo.close();
    await cleo.start();
    await cards.says(cleo, 'still me');
    await cards.reads(ana, ['still me']);
  });
});
