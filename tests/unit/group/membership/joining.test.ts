// Whose operations a log holds: keys, consent, cards (GROUP.md, "Whose operations there are" and "Cards").
import { describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { encodeBech32m } from '../../../../src/core/bytes/bech32m.ts';
import { compareBytes, concat } from '../../../../src/core/bytes/bytes.ts';
import { joiningBody } from '../../../../src/core/group/membership/authoring.ts';
import {
  answerToCard,
  askByCard,
  cardKey,
  checkAsking,
  encodeGroupCard,
  GROUP_CARD_VERSION,
  isGroupCard,
  issuedCards,
  parseGroupCard,
} from '../../../../src/core/group/membership/group-card.ts';
import { headsOf } from '../../../../src/core/group/membership/membership.ts';
import { bindingOf, webCrypto } from '../../../../src/core/group/membership/reading.ts';
import { emptyMembership } from '../../../../src/core/group/membership/state.ts';
import { decodeBundle } from '../../../../src/core/identity/bundle.ts';
import { encodeCard } from '../../../../src/core/identity/card.ts';
import { decodeSigned, encodeSigned, type OperationBody } from '../../../../src/core/wire/group-operations.ts';
import {
  craft,
  groupKey,
  groupOf,
  identityOf,
  kindFrom,
  meet,
  meetAll,
  Player,
  refusalOf,
  roster,
  signedAt,
} from '../../../fixtures/group.ts';

type Two = [Player, Player];
type Three = [Player, Player, Player];

const outsider = (name: string, inside: Player) => Player.of(name, emptyMembership(inside.desk.state.groupId));

describe('whose operations there are', () => {
  it('R-group-id: a group’s id is the hash of its creation, and what names another group is not taken', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    expect(ana.log.entries[0]?.hash).toEqual(ana.desk.state.groupId);
    const elsewhere = await craft(ben, { do: 'leave', messages: [] }, { group: new Uint8Array(32).fill(1) });
    expect(await refusalOf(ana, elsewhere)).toBe('group-refused');
    const [zoe] = (await groupOf(['Zoe'])) as [Player];
    const another = zoe.log.entries[0]?.bytes as Uint8Array;
    expect(await refusalOf(ana, another)).toBe('group-refused');
    expect(await roster(ana)).toBe('Ana* Ben');
  });

  it('R-one-encoding: the same operation in other bytes is malformed', async () => {
    const [, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    const bytes = await craft(ben, { do: 'leave', messages: [] });
    const { content, signature } = decodeSigned(bytes);
    expect(encodeSigned(content, signature)).toEqual(bytes);
    // A key of the map moved from the front to the end; lengths written longer than they are.
    expect(content[1]).toBe(0x63);
    const field = content.subarray(1, 6);
    const moved = concat(content.subarray(0, 1), content.subarray(6), field);
    expect(() => decodeSigned(encodeSigned(moved, signature))).toThrow('frame-malformed');
    expect(() => decodeSigned(concat(Uint8Array.of(0x98, 2), bytes.subarray(1)))).toThrow('frame-malformed');
  });

  it('R-bound-key: nobody joins with a key for which the invited identity has not signed, for this very group', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    await ana.add('Cleo');
    await meetAll(ana, ben);
    const [cleo, key] = [await identityOf('Cleo'), await groupKey('of Ben’s making')];
    const joining = await joiningBody(ana.desk.state, cleo, key.publicKey, 'Cleo');
    const asCleo = { author: cleo.fingerprint, key: key.publicKey, seq: 1 };
    const by = async (body: OperationBody, change = {}) => {
      const forger = await Player.of('Cleo', ana.desk.state);
      forger.key = key;
      return craft(forger, body, { ...asCleo, ...change });
    };
    const bens = await ben.identity.sign(bindingOf(ana.desk.state.groupId, key.publicKey));
    expect(await refusalOf(ana, await by({ ...joining, binding: bens }))).toBe('frame-authentication');
    const other = await cleo.sign(bindingOf(new Uint8Array(32).fill(7), key.publicKey));
    expect(await refusalOf(ana, await by({ ...joining, binding: other }))).toBe('frame-authentication');
    const impostor = { ...joining, bundle: ben.identity.bundle, binding: bens };
    expect(await refusalOf(ana, await by(impostor))).toBe('contact-impostor');
    expect(await refusalOf(ana, await by(joining, { author: ben.identity.fingerprint }))).toBe('contact-impostor');
    expect(await refusalOf(ana, await by(joining))).toBeUndefined();
  });

  it('R-fresh-key: a key and its binding bring nobody in a second time', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    await ben.leave();
    await meet(ana, ben);
    await ana.add('Ben');
    const again = await joiningBody(ana.desk.state, ben.identity, ben.key.publicKey, 'Ben');
    await meet(ben, ana);
    expect(await refusalOf(ana, await craft(ben, again))).toBe('group-refused');
    await ben.join();
    await meet(ana, ben);
    expect(await roster(ana)).toBe('Ana* Ben');
  });

  it('R-consent: an invited person is shown as invited, can sign nothing but yes or no, and has no key to write with', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    await ana.add('Cleo');
    const cleo = await outsider('Cleo', ana);
    await meet(cleo, ana);
    expect(await roster(cleo)).toBe('(Cleo) Ana* Ben');
    const invited = (await ana.members()).view.member(cleo.id);
    expect([invited?.state, invited?.signKey.length, invited?.role]).toEqual(['invited', 0, 'member']);
    for (const body of [{ do: 'seen' }, { do: 'rename', name: 'Cleo’s' }] as OperationBody[]) {
      expect(await kindFrom(cleo.act(body))).toBe('group-not-member');
      expect(await refusalOf(ana, await craft(cleo, body))).toBe('group-not-member');
    }
    expect(await kindFrom(ana.promote('Cleo'))).toBe('group-not-member');
    await cleo.join();
    expect(await kindFrom(cleo.join())).toBe('group-not-member');
    await meetAll(ana, ben, cleo);
    expect(await roster(ben)).toBe('Ana* Ben Cleo');
  });

  it('R-consent: an invited person says no with their identity’s key, and nobody else can for them', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
    await ana.add('Cleo');
    await meet(ben, ana);
    const cleo = await outsider('Cleo', ana);
    await meet(cleo, ana);
    const no: OperationBody = { do: 'leave', messages: [] };
    const forged = await craft(ben, no, { author: cleo.identity.fingerprint, seq: 1 });
    expect(await refusalOf(ana, forged)).toBe('group-not-member');
    const { signing } = decodeBundle(cleo.identity.bundle);
    cleo.key = { publicKey: signing, sign: cleo.identity.sign };
    await cleo.act(no);
    await meet(ana, cleo);
    expect(await roster(ana)).toBe('Ana* Ben');
  });

  it('R-own-view: what is allowed only by something that its author did not know is refused everywhere', async () => {
    const [ana, ben, cleo] = (await groupOf(['Ana', 'Ben', 'Cleo'])) as Three;
    const before = ben.desk.state;
    await ana.promote('Ben');
    await meetAll(ana, ben, cleo);
    const heads = headsOf(before.log);
    const early = await craft(ben, { do: 'rename', name: 'Too early' }, { parents: heads, seq: 2 });
    expect(await refusalOf(ana, early)).toBe('group-not-admin');
    expect(await refusalOf(cleo, early)).toBe('group-not-admin');
    await ben.rename('In time');
  });

  it('R-sequence: no place of one’s sequence is left out or taken back, and parents are heads in order', async () => {
    const [ana, ben] = (await groupOf(['Ana', 'Ben'], ['Ben'])) as Two;
    await ana.rename('Lake');
    await ben.rename('Hill');
    await meetAll(ana, ben);
    const body: OperationBody = { do: 'rename', name: 'Wood' };
    const [first, second] = headsOf(ana.log) as [Uint8Array, Uint8Array];
    const next = ana.log.entries.filter(({ author }) => author === ben.id).length + 1;
    const wrong = {
      'a place left out': { seq: next + 1 },
      'a place taken back': { seq: next - 1 },
      'parents out of order': { parents: [second, first] },
      'a parent twice': { parents: [first, first, second] },
      'a parent behind another': { parents: [...headsOf(ana.log), ana.desk.state.groupId].sort(compareBytes) },
      'no parents': { parents: [] },
    };
    for (const [what, change] of Object.entries(wrong)) {
      expect(await refusalOf(ana, await craft(ben, body, change)), what).toBe('group-refused');
    }
    expect(await refusalOf(ana, await craft(ben, body))).toBeUndefined();
  });
});

describe('cards', () => {
  const secret = new Uint8Array(16).fill(5);

  async function withCard(names: string[], admins: string[], uses = 1, until = 1_000) {
    const players = await groupOf(names, admins);
    const [ana] = players as [Player];
    const card = { fingerprint: Uint8Array.from(ana.identity.fingerprint), secret };
    const { publicKey } = await cardKey(card);
    const issued = await ana.act({ do: 'card', key: publicKey, uses, until, asks: false });
    await meetAll(...players);
    /** What `admin` signs when `name` asks with the card. */
    const letIn = async (admin: Player, name: string): Promise<OperationBody> => {
      const person = await identityOf(name);
      const key = await groupKey(name, 77);
      const asking = await askByCard(card, ana.desk.state.groupId, person, key.publicKey);
      const right = { fingerprint: person.fingerprint, signing: decodeBundle(person.bundle).signing };
      const group = admin.desk.state.groupId;
      expect(await checkAsking(group, right, asking, webCrypto)).toBe(true);
      for (const wrong of [{ binding: asking.proof }, { proof: asking.binding }])
        expect(await checkAsking(group, right, { ...asking, ...wrong }, webCrypto)).toBe(false);
      return { do: 'add', bundle: person.bundle, person: name, by: { card: issued.hash, ...asking } };
    };
    return { players, card, publicKey, issued, letIn };
  }

  it('R-card-limits: a card with one use lets one person in, who has joined at once', async () => {
    const { players, publicKey, letIn } = await withCard(['Ana', 'Ben'], []);
    const [ana, ben] = players as Two;
    expect(answerToCard(ana.log, publicKey, 0)).toMatchObject({ let: true });
    await ana.act(await letIn(ana, 'Cleo'));
    expect(answerToCard(ana.log, publicKey, 0)).toEqual({ let: false, kind: 'group-card-over' });
    expect(await kindFrom(ana.act(await letIn(ana, 'Dora')))).toBe('group-card-over');
    await meet(ben, ana);
    expect(await roster(ben)).toBe('Ana* Ben Cleo');
    expect(issuedCards(ben.log).map(({ used, uses }) => [used, uses])).toEqual([[1, 1]]);
  });

  it('R-card-limits: used at two admins at the same time it lets in as many as it has uses, the same everywhere', async () => {
    const { players, letIn } = await withCard(['Ana', 'Ben', 'Cleo'], ['Ben'], 2);
    const [ana, ben, cleo] = players as Three;
    for (const name of ['Dora', 'Emil']) await ana.act(await letIn(ana, name));
    for (const name of ['Fay', 'Gil']) await ben.act(await letIn(ben, name));
    await meetAll(...players);
    const rolls = await Promise.all(players.map(roster));
    expect(new Set(rolls).size).toBe(1);
    expect((await cleo.members()).view.members()).toHaveLength(5);
  });

  it('R-revoke-wins: a use at the same time as the revoking is void, an earlier one is not', async () => {
    const { players, issued, letIn } = await withCard(['Ana', 'Ben', 'Cleo'], ['Ben'], 9);
    const [ana, ben] = players as Three;
    await ben.act(await letIn(ben, 'Dora'));
    await meet(ana, ben);
    await ana.act({ do: 'revoke', card: issued.hash });
    await ben.act(await letIn(ben, 'Emil'));
    await meetAll(...players);
    for (const player of players) expect(await roster(player)).toBe('Ana* Ben* Cleo Dora');
    expect(await kindFrom(ben.act(await letIn(ben, 'Fay')))).toBe('group-card-over');
    expect(issuedCards(ana.log)).toEqual([]);
  });

  it('R-card-clock: the page that answers judges by its own clock, and no other page judges again', async () => {
    const { players, publicKey, letIn } = await withCard(['Ana', 'Ben'], ['Ben'], 9, 1_000);
    const [ana, ben] = players as Two;
    const clock = new MemoryClock(1_000);
    expect(answerToCard(ana.log, publicKey, clock.now())).toMatchObject({ let: true, ask: false });
    expect(answerToCard(ana.log, publicKey, clock.now() + 1)).toEqual({ let: false, kind: 'group-card-over' });
    expect(answerToCard(ana.log, secret, 0)).toEqual({ let: false, kind: 'group-card-over' });
    // Ben’s clock is years behind: he lets Cleo in, and Ana’s page takes it as the act of an admin that it is.
    await ben.act(await letIn(ben, 'Cleo'));
    await meet(ana, ben);
    expect(await roster(ana)).toBe('Ana* Ben* Cleo');
  });

  it('R-no-clock: an operation has no place for a time, so that a clock years off changes nothing', async () => {
    const [ana] = (await groupOf(['Ana', 'Ben'])) as Two;
    const names = new Set(
      ana.log.entries.flatMap(({ operation }) => [...Object.keys(operation), ...Object.keys(operation.body)]),
    );
    for (const name of names) expect(name).not.toMatch(/time|date|^at$|clock|until|expir/);
    expect(names.size).toBeGreaterThan(10);
  });

  it('R-bound-key: without the card’s key, or with what somebody else asked, nobody is let in', async () => {
    const { players, letIn } = await withCard(['Ana', 'Ben'], ['Ben'], 9);
    const [ana, ben] = players as Two;
    const cleos = (await letIn(ben, 'Cleo')) as Extract<OperationBody, { do: 'add' }>;
    const doras = (await letIn(ben, 'Dora')) as Extract<OperationBody, { do: 'add' }>;
    const by = cleos.by as NonNullable<typeof cleos.by>;
    const bys = doras.by as NonNullable<typeof doras.by>;
    const other = await cardKey({ fingerprint: new Uint8Array(32), secret });
    const wrong: Record<string, OperationBody> = {
      'another’s proof': { ...cleos, by: { ...by, proof: bys.proof } },
      'another’s binding': { ...cleos, by: { ...by, binding: bys.binding } },
      'another’s bundle': { ...cleos, bundle: doras.bundle },
      'another card’s key': { ...cleos, by: { ...by, cardKey: other.publicKey } },
    };
    for (const [what, body] of Object.entries(wrong)) {
      expect(await refusalOf(ana, await craft(ben, body)), what).toBe('frame-authentication');
    }
    const card = { fingerprint: new Uint8Array(32), secret };
    const cleo = await identityOf('Cleo');
    const asking = await askByCard(card, ana.desk.state.groupId, cleo, by.key);
    const swapped: OperationBody = { ...cleos, by: { card: by.card, ...asking } };
    expect(await refusalOf(ana, await craft(ben, swapped))).toBe('group-refused');
    expect(await refusalOf(ana, await craft(ben, cleos))).toBeUndefined();
  });

  it('as text is told from a person’s card, and mistyped ones are pointed at as those are', () => {
    const card = { fingerprint: new Uint8Array(32).fill(8), secret };
    const text = encodeGroupCard(card);
    expect(text).toHaveLength(90);
    expect(parseGroupCard(`  ${text.toUpperCase().replace(/(.{4})/g, '$1 ')}`)).toEqual(card);
    expect([isGroupCard(text), isGroupCard(encodeCard(card)), isGroupCard('kith1')]).toEqual([true, false, false]);
    expect(isGroupCard(encodeBech32m('kith', Uint8Array.of(GROUP_CARD_VERSION, 1, 2, 3)))).toBe(false);
    for (const wrong of [{ fingerprint: secret }, { secret: card.fingerprint }])
      expect(() => encodeGroupCard({ ...card, ...wrong })).toThrow('internal');
    const kind = (bad: string) => kindFrom(Promise.resolve().then(() => parseGroupCard(bad)));
    return Promise.all([
      expect(kind(encodeCard(card))).resolves.toBe('card-version'),
      expect(kind('')).resolves.toBe('card-empty'),
      expect(kind(text.slice(0, -1))).resolves.toMatch(/^card-(truncated|checksum)$/),
      expect(kind(text.slice(0, 40) + (text[40] === 'q' ? 'p' : 'q') + text.slice(41))).resolves.toBe('card-checksum'),
    ]);
  });
});

it('R-strangers: no signature of somebody whom the log does not know is checked', async () => {
  const [ana, ben] = (await groupOf(['Ana', 'Ben'])) as Two;
  let checks = 0;
  const counting = {
    ...webCrypto,
    verify: (...what: Parameters<typeof webCrypto.verify>) => {
      checks += 1;
      return webCrypto.verify(...what);
    },
  };
  const reader = await Player.of('Ben', ben.desk.state, counting);
  const zoe = await Player.of('Zoe', ana.desk.state);
  await reader.desk.receive('zoe', [await craft(zoe, { do: 'seen' })], []);
  const unknownParents = await craft(zoe, { do: 'seen' }, { parents: [new Uint8Array(32).fill(1)] });
  await reader.desk.receive('zoe', [unknownParents], []);
  expect([checks, reader.log.size, reader.desk.state.waiting.size]).toEqual([0, ben.log.size, 1]);
  await reader.desk.receive('ana', [(await signedAt(ana, ana.desk.state, { do: 'rename', name: 'Lake' })).bytes], []);
  expect([checks, reader.log.size]).toEqual([1, ben.log.size + 1]);
});
