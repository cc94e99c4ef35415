// Whole nodes on the whole overlay: what people get from it.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { MemoryLink } from '../../src/adapters/memory/links.ts';
import { seededRandom } from '../../src/adapters/memory/random.ts';
import { systemOverlayCrypto } from '../../src/adapters/system/overlay-crypto.ts';
import { kemKeyPair } from '../../src/core/crypto/kem.ts';
import { KithError } from '../../src/core/errors.ts';
import { startOverlay } from '../../src/core/overlay/overlay.ts';
import { Village, type Villager } from '../fixtures/village.ts';

const neighbours = async (person: Villager) => (await person.snapshot()).network.neighbours;

/** What nodes load when they need it takes no time of the village's clock, which would run on meanwhile. */
beforeAll(async () => {
  await Promise.all([import('../../src/core/node/network.ts'), import('../../src/core/node/overlay-house.ts')]);
  await kemKeyPair(seededRandom(1));
});

const everybody = ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva'] as const;

/** Ana, Ben and others, every one of them in the overlay. */
async function inhabited(
  before: (village: Village, people: Villager[]) => void = () => {},
  names: readonly string[] = everybody,
) {
  const village = new Village();
  village.overlay = () => ({ crypto: systemOverlayCrypto, start: (tools) => startOverlay(tools) });
  const people: Villager[] = [];
  before(village, people);
  for (const name of names) people.push(await village.person(name));
  const enough = Math.min(3, names.length - 1);
  const joined = async () => (await Promise.all(people.map(neighbours))).every((count) => count >= enough);
  await village.until(joined, 'all in the overlay');
  const [ana, ben] = people as [Villager, Villager];
  return { village, people, ana, ben };
}

const route = async (one: Villager, other: Villager) => (await one.with(other))?.route;
/** Links between them and whoever they talk to, of each session that the overlay carries. */
const hops = async (one: Villager) => (await one.node.diagnostics()).overlay.circuits.map((circuit) => circuit.hops);
/** No page can be linked to this other one. */
const apart = (village: Village, all: readonly Villager[]) => {
  village.network.connects = (one, other) =>
    [one, other].some((dialer) => dialer !== all[0]?.dialer && dialer !== all[1]?.dialer);
};
const hears = (village: Village, to: Villager, from: Villager, text: string) =>
  village.until(async () => (await to.texts(from, 'in')).includes(text), `heard: ${text}`);

describe('with the tracker gone', () => {
  it('two people take a card, meet and talk', async () => {
    const { village, ana, ben } = await inhabited();
    village.tracker.goDown();
    await village.introduce(ana, ben);
    expect(await route(ana, ben)).toBe('direct');
    await ben.write(ana, 'Without any tracker.');
    await hears(village, ana, ben, 'Without any tracker.');
  });

  it('contacts find each other again after their link was cut', async () => {
    const { village, ana, ben } = await inhabited();
    await village.introduce(ana, ben);
    village.tracker.goDown();
    await village.pass(5_000);
    await ana.node.block(await ana.idOf(ben));
    await village.until(async () => (await ben.with(ana))?.presence === 'offline', 'parted');
    await village.pass(60_000);
    await ana.node.unblock(await ana.idOf(ben));
    await village.together(ana, ben);
    await ana.write(ben, 'There you are.');
    await hears(village, ben, ana, 'There you are.');
  });
});

describe('where no direct connection opens', () => {
  it('people become contacts and talk through others, and directly once that works', async () => {
    const { village, ana, ben } = await inhabited(apart);
    village.network.reachable = false;
    await village.introduce(ana, ben);
    expect([await route(ana, ben), await route(ben, ana)]).toEqual(['relayed', 'relayed']);
    expect([...(await hops(ana)), ...(await hops(ben))].every((count) => count >= 2)).toBe(true);
    await ana.write(ben, 'Through Cleo.');
    await hears(village, ben, ana, 'Through Cleo.');
    village.network.reachable = true;
    village.network.connects = () => true;
    await village.until(
      async () => (await route(ana, ben)) === 'direct' && (await route(ben, ana)) === 'direct',
      'direct',
    );
    await ben.write(ana, 'Closer.');
    await hears(village, ana, ben, 'Closer.');
    expect(await ana.texts(ben, 'out')).toEqual(['Through Cleo.']);
  });
});

describe('what a page says of its network', () => {
  const diagnosis = async (person: Villager) => (await person.snapshot()).network.diagnosis;

  it('is that it lets nobody in only when nobody came in and its own direct calls did not open', async () => {
    // Eva's network lets her call, and nobody in; to Ana no call of hers opens.
    const { village, people, ana } = await inhabited((city, all) => {
      const [anas, evas] = [() => all[0]?.dialer, () => all[4]?.dialer];
      city.network.connects = (calling, answering) =>
        answering !== evas() && !(calling === evas() && answering === anas());
    });
    const eva = people[4] as Villager;
    village.network.reachable = false;
    await village.introduce(ana, eva);
    expect([await route(ana, eva), await route(eva, ana)]).toEqual(['relayed', 'relayed']);
    await village.until(async () => (await diagnosis(eva)) === 'only-relayed', 'what Eva is told');
    await village.pass(600_000);
    expect(await diagnosis(ana)).toBe('open');
    village.network.reachable = true;
    village.network.connects = () => true;
    await village.until(async () => (await diagnosis(eva)) === 'open', 'a direct link');
  });

  it('is not that it lets nobody in when a contact hides', async () => {
    const { village, people, ana } = await inhabited();
    const eva = people[4] as Villager;
    await ana.node.setRelayOnly(true);
    await village.introduce(ana, eva);
    await village.pass(600_000);
    expect([await route(eva, ana), await diagnosis(eva), await diagnosis(ana)]).toEqual(['relayed', 'open', 'hidden']);
  });
});

describe('neighbours for whom no further connection opens', () => {
  it('talk over the link they have, which is not called relayed', async () => {
    const { village, ana, ben } = await inhabited();
    village.network.reachable = false;
    await village.introduce(ana, ben);
    expect([await hops(ana), await hops(ben)]).toEqual([[1], [1]]);
    expect([await route(ana, ben), await route(ben, ana)]).toEqual(['direct', 'direct']);
    await ana.write(ben, 'Nobody between.');
    await hears(village, ben, ana, 'Nobody between.');
  });
});

describe('two who can never be linked', () => {
  const CONTENT = Uint8Array.from({ length: 6_000_000 }, (_, index) => (index * index) % 251);

  it('send a file through others, who see none of it, and go on another way when the relay leaves half-way', async () => {
    const { village, people, ana, ben } = await inhabited(apart);
    const frames = vi.spyOn(MemoryLink.prototype, 'send');
    await village.introduce(ana, ben);
    const relayed = async (person: Villager) => (await person.node.diagnostics()).overlay.relaying;
    const busiest = async () => {
      const bytes = await Promise.all(people.map(async (person) => (await relayed(person)).bytes));
      return people[bytes.indexOf(Math.max(...bytes))] as Villager;
    };
    const before = new Map(await Promise.all(people.map(async (one) => [one, (await relayed(one)).bytes] as const)));
    await ana.node.sendFiles(await ana.idOf(ben), [{ file: new File([CONTENT], 'film.bin'), thumbnail: null }]);
    const halfWay = async () => {
      const relay = await busiest();
      return (await relayed(relay)).bytes - (before.get(relay) ?? 0) > CONTENT.length / 3;
    };
    await village.until(halfWay, 'half-way');
    expect((await ana.states(ben)).join()).not.toBe('delivered');
    await (await busiest()).close();
    await village.until(async () => (await ana.states(ben)).join() === 'delivered', 'delivered');
    expect(await route(ana, ben)).toBe('relayed');
    const received = await ben.messages(ana);
    expect(received).toHaveLength(1);
    const sha256 = createHash('sha256').update(CONTENT).digest('hex');
    expect(received[0]?.attachment).toMatchObject({ state: 'complete', size: CONTENT.length, sha256 });
    const plain = Buffer.from(CONTENT.subarray(1_000, 1_032));
    expect(frames.mock.calls.some(([frame]) => Buffer.from(frame).includes(plain))).toBe(false);
    frames.mockRestore();
  });
});

describe('relay only', () => {
  it('moves the conversation to others at once, and back when it is switched off', async () => {
    const { village, ana, ben } = await inhabited();
    await village.introduce(ana, ben);
    await ana.node.setRelayOnly(true);
    await village.until(async () => (await route(ana, ben)) === 'relayed', 'relayed');
    const between = async () => {
      const links = [...(await hops(ana)), ...(await hops(ben))];
      return links.length > 0 && links.every((count) => count >= 2);
    };
    expect(await between()).toBe(true);
    await ana.write(ben, 'You cannot see where I am.');
    await hears(village, ben, ana, 'You cannot see where I am.');
    const { opened } = ana.dialer;
    await village.pass(300_000);
    expect([await route(ana, ben), ana.dialer.opened, await between()]).toEqual(['relayed', opened, true]);
    await ana.node.setRelayOnly(false);
    await village.until(async () => (await route(ana, ben)) === 'direct', 'direct');
  });

  it('moves one that ran over their own link, too', async () => {
    const { village, ana, ben } = await inhabited();
    village.network.reachable = false;
    await village.introduce(ana, ben);
    expect([await hops(ana), await route(ana, ben)]).toEqual([[1], 'direct']);
    await ana.node.setRelayOnly(true);
    await village.until(async () => (await route(ana, ben)) === 'relayed', 'relayed');
    expect([...(await hops(ana)), ...(await hops(ben))].every((count) => count >= 2)).toBe(true);
  });

  it('waits while nobody is there to go between, says so, and connects when somebody comes', async () => {
    const { village, ana, ben } = await inhabited(undefined, ['Ana', 'Ben']);
    await village.introduce(ana, ben);
    await ana.node.setRelayOnly(true);
    const diagnosis = async () => (await ana.snapshot()).network.diagnosis;
    await village.until(async () => (await diagnosis()) === 'no-relay', 'the diagnosis');
    await village.pass(300_000);
    expect([await route(ana, ben), await route(ben, ana), await diagnosis()]).toEqual(['none', 'none', 'no-relay']);
    await village.person('Cleo');
    await village.pass(30_000);
    expect([await route(ana, ben), await route(ben, ana)]).toEqual(['relayed', 'relayed']);
    expect([...(await hops(ana)), ...(await hops(ben))].every((count) => count >= 2)).toBe(true);
    await village.until(async () => (await diagnosis()) === 'hidden', 'the diagnosis');
  });
});

describe('by number', () => {
  const find = async (village: Village, who: Villager, number: string) => {
    const result = await village.outcome(who.node.findByNumber(number));
    return result.ok ? result.value.found : result.kind;
  };

  it('somebody who may be found is found, asked, and becomes an unverified contact of whoever they accept', async () => {
    const { village, ana, ben } = await inhabited();
    const number = await ana.number();
    expect(await find(village, ben, number)).toBe('number-nobody');
    await ana.node.setDiscoverable(true);
    await village.pass(10_000);
    const found = await find(village, ben, number);
    expect(found).toMatchObject([{ number, name: 'Ana' }]);
    expect((await ana.snapshot()).requests).toEqual([]);
    const called = await village.outcome(ben.node.callFound(typeof found === 'string' ? '' : (found[0]?.id ?? '')));
    expect(called.ok).toBe(true);
    await village.until(async () => (await ana.snapshot()).requests.length > 0, 'a request');
    const [request] = (await ana.snapshot()).requests;
    expect(request).toMatchObject({ name: 'Ben', number: await ben.number(), way: 'number' });
    await ana.node.answerRequest(request?.id ?? '', 'accept-verified');
    await village.together(ana, ben);
    expect([(await ana.with(ben))?.trust, (await ben.with(ana))?.trust]).toEqual(['unverified', 'unverified']);
    expect((await ana.snapshot()).card).not.toBeNull();
  });

  it('somebody who may be found no more is not', async () => {
    const { village, ana, ben } = await inhabited();
    const number = await ana.number();
    await ana.node.setDiscoverable(true);
    await village.pass(10_000);
    expect(await find(village, ben, number)).toHaveLength(1);
    await ana.node.setDiscoverable(false);
    await village.pass(10_000);
    expect(await find(village, ben, number)).toBe('number-nobody');
  });

  it('somebody who hides is not, also when they began to while their number was being worked on', async () => {
    const { village, ana, ben } = await inhabited();
    let workOut = () => {};
    const workedOut = new Promise<void>((resolve) => {
      workOut = resolve;
    });
    ana.argon2 = () => workedOut;
    await ana.node.setDiscoverable(true);
    await ana.node.setRelayOnly(true);
    workOut();
    await village.pass(10_000);
    expect(await find(village, ben, await ana.number())).toBe('number-nobody');
    await ana.node.setRelayOnly(false);
    await village.pass(10_000);
    expect(await find(village, ben, await ana.number())).toHaveLength(1);
  });

  it('a look-up ends with an error on a device that cannot work out the number of whoever answers', async () => {
    const { village, ana, ben } = await inhabited();
    await ana.node.setDiscoverable(true);
    await village.pass(10_000);
    let times = 0;
    ben.argon2 = () => (times++ === 0 ? Promise.resolve() : Promise.reject(new KithError('internal')));
    expect(await find(village, ben, await ana.number())).toBe('number-not-derived');
  });

  it('a person refuses a stranger, who is told', async () => {
    const { village, ana, ben } = await inhabited();
    await ana.node.setDiscoverable(true);
    await village.pass(10_000);
    const found = await find(village, ben, await ana.number());
    await village.outcome(ben.node.callFound(typeof found === 'string' ? '' : (found[0]?.id ?? '')));
    await village.until(async () => (await ana.snapshot()).requests.length > 0, 'a request');
    await ana.node.answerRequest((await ana.snapshot()).requests[0]?.id ?? '', 'refuse');
    await village.until(async () => (await ben.with(ana))?.state === 'declined', 'told');
    expect(await ana.with(ben)).toBeUndefined();
  });
});
