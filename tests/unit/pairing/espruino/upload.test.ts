// Making a gadget with Espruino a mailbox, against its console without the radio.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryClock } from '../../../../src/adapters/memory/clock.ts';
import { seededRandom } from '../../../../src/adapters/memory/random.ts';
import { KithError } from '../../../../src/core/errors.ts';
import { stripped } from '../../../../src/core/pairing/espruino/files.ts';
import { gadgetWorkshop } from '../../../../src/core/pairing/espruino/workshop.ts';
import { silentLog } from '../../../../src/core/ports/log.ts';
import type { UartDevice } from '../../../../src/core/ports/uart.ts';
import type { GadgetOutcome, GadgetProgress } from '../../../../src/core/ports/workshop.ts';
import { asMailbox, Gadget, type GadgetMake } from '../../../fixtures/espruino-gadget.ts';
import { ChosenGadget, type UartMake } from '../../../fixtures/espruino-uart.ts';
import { runMailboxVectors } from '../../../vectors/mailbox/program.ts';

const program = readFileSync(new URL('../../../../public/mailbox/espruino.js', import.meta.url), 'utf8');
const THEIRS = 'digitalWrite(LED1,1)';

const clock = new MemoryClock();
const chosen = (make: GadgetMake = {}, uart: UartMake = {}) => new ChosenGadget(new Gadget(make), clock, uart);

/** Turns of the microtask queue: enough for what one timer sets going here, where nothing real is waited for. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await undefined;
}

/** Lets time pass until it settles. */
async function until<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await turns();
  while (!settled) await clock.advance(5, turns);
  return promise;
}

interface Try {
  readonly outcome: GadgetOutcome;
  readonly progress: readonly GadgetProgress[];
}

async function work(
  device: UartDevice,
  what: 'make' | 'unmake' = 'make',
  signal = new AbortController().signal,
): Promise<Try> {
  const workshop = gadgetWorkshop({
    uarts: { choose: async () => device },
    clock,
    random: seededRandom(1),
    log: silentLog,
    program: async () => program,
  });
  const progress: GadgetProgress[] = [];
  const doing = workshop[what]({ signal, progress: (one) => progress.push(one), chosen: () => undefined });
  return { outcome: await until(doing), progress };
}

/** Made without any trouble. */
async function made(make: GadgetMake = {}, uart: UartMake = {}): Promise<ChosenGadget> {
  const device = chosen(make, uart);
  expect((await work(device)).outcome).toMatchObject({ ok: true, tried: true });
  return device;
}

const problem = async (device: UartDevice) => {
  const { outcome } = await work(device);
  return outcome.ok ? 'made' : outcome.problem;
};

/** Half a minute after its battery was put in. */
function restarted({ gadget }: ChosenGadget): Gadget {
  gadget.powerUp();
  gadget.pass(31_000);
  return gadget;
}

describe('the program that was uploaded', () => {
  let device: ChosenGadget;
  let watch: ChosenGadget;
  beforeAll(async () => {
    [device, watch] = [await made(), await made({ board: 'BANGLEJS2' })];
  });
  runMailboxVectors('is a mailbox after a restart', () => asMailbox(restarted(device)), { errors: false });
  runMailboxVectors(
    'is a mailbox when it is started on a watch',
    () => {
      const { gadget } = watch;
      gadget.powerUp();
      gadget.run('load("kithbox.app.js")');
      return asMailbox(gadget);
    },
    { errors: false },
  );
});

describe('an upload', () => {
  it('puts the program into flash, runs it, and tries it as a mailbox', async () => {
    const device = chosen();
    const { outcome, progress } = await work(device);
    expect(outcome).toEqual({ ok: true, keeps: 'always', tried: true });
    expect([...device.gadget.files.keys()]).toEqual(['kithbox', '.bootcde']);
    expect(device.gadget.files.get('kithbox')).toBe(stripped(program));
    const shares = progress.filter(({ step }) => step === 'sending').map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((one, other) => one - other));
    expect([progress[0]?.step, progress.at(-1)?.step, shares.length > 10]).toEqual(['connecting', 'trying', true]);
    expect(device.uart).toMatchObject({ overflowed: 0, longestWrite: 20 });
  });

  it('leaves the gadget its console for half a minute after a restart', async () => {
    const device = await made();
    device.gadget.powerUp();
    device.gadget.pass(29_000);
    expect(device.gadget.options.uart).toBeUndefined();
    device.gadget.pass(2_000);
    expect(device.gadget.advertising.name).toBe('Kith mailbox');
  });

  it('writes more at once where the radio takes more', async () => {
    const { uart } = await made({}, { packetBytes: 128 });
    expect(uart?.longestWrite).toBeGreaterThan(100);
  });

  it.each([
    ['a small buffer', { pace: 1, bufferBytes: 128 }],
    ['a slow console', { pace: 1, bufferBytes: 160 }],
  ])('stops when it is told to: %s', async (_, uart) => {
    const device = await made({}, uart);
    expect(device.uart?.stops).toBeGreaterThan(0);
    expect(device.uart?.overflowed).toBe(0);
  });

  it('whoever does not stop loses bytes: the emulation is as strict as a gadget', async () => {
    const uart = await chosen({}, { pace: 1, bufferBytes: 128 }).connect();
    for (const line of ['x'.repeat(300), 'y'.repeat(300)])
      for (let at = 0; at < line.length; at += 20)
        await until(uart.write(new TextEncoder().encode(line.slice(at, at + 20))));
    expect(uart.overflowed).toBeGreaterThan(0);
  });

  it('goes through while its own program talks, and over a line that somebody began', async () => {
    const device = chosen();
    const connect = device.connect.bind(device);
    device.connect = async () => {
      const uart = await connect();
      uart.type('if (true) {');
      const chatter = (): void => {
        device.gadget.print('KITH is what I say, 21 degrees');
        clock.after(37, chatter);
      };
      clock.after(5, chatter);
      return uart;
    };
    expect((await work(device)).outcome).toMatchObject({ ok: true });
  });

  it('asks once more who was busy at first', async () => {
    await made({}, { busyMs: 3_000 });
  });

  it('a second time sends nothing that is there', async () => {
    const device = await made();
    const first = device.uart?.writes ?? 0;
    restarted(device).options = {};
    expect((await work(device)).outcome).toMatchObject({ ok: true, keeps: 'always' });
    expect(device.uart?.writes).toBeLessThan(first / 3);
  });
});

describe('what the gadget had stays', () => {
  it('its own program runs again after a restart', async () => {
    const device = chosen();
    device.gadget.files.set('.bootcde', '1+1');
    device.gadget.files.set('notes', 'mine');
    expect((await work(device)).outcome).toEqual({ ok: true, keeps: 'never', tried: true });
    expect([device.gadget.files.get('.bootcde'), device.gadget.files.get('notes')]).toEqual(['1+1', 'mine']);
    expect(restarted(device).advertising).toEqual({});
  });

  it('a watch stays one: the mailbox is an app of it', async () => {
    const device = chosen({ board: 'BANGLEJS2' });
    device.gadget.files.set('.bootcde', '1+1');
    const { outcome } = await work(device);
    expect(outcome).toMatchObject({ ok: true, keeps: 'asked' });
    expect(device.gadget.files.get('.bootcde')).toBe('1+1');
    expect(JSON.parse(device.gadget.files.get('kithbox.info') ?? '')).toMatchObject({ src: 'kithbox.app.js' });
    device.gadget.pass(600);
    expect(device.gadget.advertising.name).toBe('Kith mailbox');
  });

  it('the mailbox is taken off again, and nothing else with it', async () => {
    const device = await made();
    device.gadget.files.set('notes', 'mine');
    device.gadget.powerUp();
    expect((await work(device, 'unmake')).outcome).toMatchObject({ ok: true });
    expect([...device.gadget.files]).toEqual([['notes', 'mine']]);
    expect(restarted(device).advertising).toEqual({});
    expect((await work(device, 'unmake')).outcome).toEqual({ ok: false, problem: 'nothing' });
  });

  it('boot code that is not ours is not taken off', async () => {
    const device = chosen();
    device.gadget.files.set('.bootcde', THEIRS);
    expect((await work(device, 'unmake')).outcome).toEqual({ ok: false, problem: 'nothing' });
    expect(device.gadget.files.get('.bootcde')).toBe(THEIRS);
  });
});

describe('a gadget that cannot', () => {
  it.each([
    ['does not answer', {}, { behind: 'nobody' }, 'silent'],
    ['wants a password', {}, { behind: 'password' }, 'locked'],
    ['is too old', { old: true }, {}, 'unable'],
    ['has no radio of its own', { radio: false }, {}, 'unable'],
    ['has an empty battery', { battery: 1.9 }, {}, 'battery'],
    ['has no room', { flash: 900 }, {}, 'full'],
  ] as const)('%s: it says so and stays as it was', async (_, make, uart, expected) => {
    const device = chosen(make, uart);
    expect(await problem(device)).toBe(expected);
    expect([...device.gadget.files.keys(), device.gadget.advertising.name]).toEqual([undefined]);
  });

  it('stores something else: it is neither run nor started after a restart', async () => {
    const device = chosen();
    let pieces = 0;
    device.gadget.garble = (text) => (++pieces === 7 ? text.replace('e', 'f') : text);
    expect(await problem(device)).toBe('altered');
    expect(device.gadget.advertising).toEqual({});
    expect(restarted(device).advertising).toEqual({});
  });

  it('has room for the program, and none for what starts it', async () => {
    const device = chosen({ flash: stripped(program).length + 60 });
    expect(await problem(device)).toBe('full');
    expect(restarted(device).advertising).toEqual({});
  });

  it('has no console over Bluetooth, or is not there', async () => {
    const failing = (kind: 'mailbox-foreign' | 'bluetooth-lost'): UartDevice => ({
      connect: () => Promise.reject(new KithError(kind)),
      mailbox: chosen().mailbox,
    });
    expect(await problem(failing('mailbox-foreign'))).toBe('foreign');
    expect(await problem(failing('bluetooth-lost'))).toBe('lost');
  });

  it('does not answer as a mailbox afterwards: it is made, and that is said', async () => {
    const device = chosen();
    const deaf: UartDevice = {
      connect: () => device.connect(),
      mailbox: { connect: () => new Promise(() => undefined) },
    };
    expect((await work(deaf)).outcome).toEqual({ ok: true, keeps: 'always', tried: false });
  });
});

describe('an upload that ends in the middle', () => {
  /** Either what runs at a start is there with all that it needs, or it is not there. */
  function isWhole({ gadget }: ChosenGadget): boolean {
    return !gadget.files.has('.bootcde') || gadget.files.get('kithbox') === stripped(program);
  }

  it('is lost at any write, and the next try succeeds', { timeout: 120_000 }, async () => {
    const all = (await made()).uart?.writes ?? 0;
    const outcomes = new Set<string>();
    for (let breaksAt = 0; breaksAt < all; breaksAt += breaksAt < all - 24 ? 23 : 1) {
      const device = chosen({}, { breaksAt });
      outcomes.add(await problem(device));
      expect(isWhole(device), `broken at ${breaksAt}`).toBe(true);
      device.gadget.options = {};
      const again = new ChosenGadget(device.gadget, clock);
      expect((await work(again)).outcome, `after ${breaksAt}`).toMatchObject({ ok: true, keeps: 'always' });
    }
    // Lost in the very last writes, when everything is stored: it is a mailbox after a restart, and says that it was not tried.
    expect([...outcomes].sort()).toEqual(['lost', 'made']);
  });

  it('is given up at any moment, and the next try succeeds', async () => {
    for (const piece of [0, 1, 9, 20]) {
      const device = chosen();
      const controller = new AbortController();
      let pieces = 0;
      device.gadget.garble = (text) => {
        if (pieces++ === piece) controller.abort();
        return text;
      };
      expect((await work(device, 'make', controller.signal)).outcome).toEqual({ ok: false, problem: 'cancelled' });
      expect([isWhole(device), device.gadget.advertising]).toEqual([true, {}]);
      expect((await work(device)).outcome).toMatchObject({ ok: true });
    }
  });

  it('is given up before it begins', async () => {
    expect((await work(chosen(), 'make', AbortSignal.abort())).outcome).toEqual({ ok: false, problem: 'cancelled' });
  });
});

it('the program is ASCII without strings over lines, so that its comments and indentation may stay behind', () => {
  expect(program).toMatch(/^[\x20-\x7e\n]*$/);
  expect(program).not.toContain('`');
});
