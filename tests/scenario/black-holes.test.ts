// Nothing passes between two people for a while, and nobody tells them: what they write waits, they are called online for as long as the
// heartbeat bears silence and not longer, and they find each other again (SESSION.md, "Heartbeat").
import { afterAll, expect, it } from 'vitest';
import { useInstantCrypto } from '../model/instant-crypto.ts';
import { judge } from '../model/judgement.ts';
import { begin } from '../model/live.ts';
import { PresenceWatch } from '../model/presence.ts';
import { Witness } from '../model/witness.ts';
import { nodeOf } from '../model/world.ts';

const SECOND = 1000;
/** The heartbeat's patience, and a moment to be told. */
const NOTICED_AFTER = 15.2 * SECOND;
/** An attempt that began in the hole is given up after 20 s, and the next one follows within a back-off. */
const LONGEST_RETURN = 90 * SECOND;

afterAll(useInstantCrypto());

it.each([
  { seconds: 3, noticed: false },
  { seconds: 8, noticed: false },
  { seconds: 20, noticed: true },
  { seconds: 60, noticed: true },
])(
  'a hole of $seconds s: noticed $noticed, nothing lost, in order, and they are back',
  async ({ seconds, noticed }) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const world = await begin(2, seed);
      const [ana, ben] = world.devices as [(typeof world.devices)[0], (typeof world.devices)[0]];
      const witness = new Witness(world);
      const watch = new PresenceWatch(world, witness);
      const bothOnline = () => witness.saysOnline(ana, ben) && witness.saysOnline(ben, ana);
      expect(await world.until(bothOnline)).toBe(true);
      await world.pass(61 * SECOND);
      world.air.between('Ana', 'Ben').holed = true;
      const began = world.time.now();
      let wentAt: number | undefined;
      for (let n = 1; world.time.now() < began + seconds * SECOND; n += 1) {
        for (const [from, to] of [
          [ana, ben],
          [ben, ana],
        ] as const) {
          const text = `${from.name} to ${to.name}, ${n}`;
          witness.typed.set(text, `${from.name} ${to.name}`);
          const sent = await world.outcome(nodeOf(from).sendText(world.idOf(from, to), text));
          if (sent?.ok) witness.accept(sent.value.messageId, from, to);
        }
        await world.pass(SECOND / 4);
        watch.look();
        if (!bothOnline()) wentAt ??= world.time.now() - began;
      }
      world.air.clear('Ana', 'Ben');
      expect(wentAt === undefined).toBe(!noticed);
      expect(wentAt ?? 0).toBeLessThanOrEqual(NOTICED_AFTER + 2 * SECOND);
      const healedAt = world.time.now();
      const isThere = () => [...(witness.written.get(ana)?.values() ?? [])].every(({ state }) => state === 'delivered');
      expect(await world.until(() => bothOnline() && isThere())).toBe(true);
      expect(world.time.now() - healedAt).toBeLessThanOrEqual(noticed ? LONGEST_RETURN : 2 * SECOND);
      await judge(world, witness, new Map());
      expect(witness.wrong).toEqual([]);
      for (const device of world.devices) device.down('close');
    }
  },
);
