// MicroPython's program, by MicroPython or Python, with a stub of `bluetooth`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';
import { type Program, runMailboxVectors } from './program.ts';

const stub = fileURLToPath(new URL('./esp32_stub.py', import.meta.url));
const program = fileURLToPath(new URL('../../../public/mailbox/esp32.py', import.meta.url));
const python = ['micropython', 'python3'].find((name) => spawnSync(name, ['-c', 'print(1)']).status === 0);

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill();
  children.clear();
});

/** Asks the stub one thing after the other. */
function board(): (step: object) => Promise<unknown> {
  const child = spawn(python ?? '', [stub, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (step) => {
    child.stdin.write(`${JSON.stringify(step)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the program has ended');
    return JSON.parse(value);
  };
}

function powerUp(): Program {
  const ask = board();
  return {
    connect: async () => void (await ask({ connect: true })),
    disconnect: async () => void (await ask({ disconnect: true })),
    write: async (bytes) => (await ask({ write: toHex(bytes) })) as number[],
    read: async () => fromHex((await ask({ read: true })) as string),
    wait: async (milliseconds) => void (await ask({ wait: milliseconds })),
  };
}

if (python === undefined) {
  console.warn('\n!!! SKIPPED: the mailbox for ESP32 was not tested: neither micropython nor python3 is here.\n');
  it.skip('the mailbox for ESP32 needs micropython or python3', () => undefined);
} else {
  runMailboxVectors(`the mailbox for ESP32, by ${python}`, powerUp, { errors: false });

  describe('on the air', () => {
    it('advertises the service and the name while it is free, and no more while it is taken', async () => {
      const ask = board();
      const advertisement = `0201061107${toHex(fromHex('6b6974686d614c62a000000000000001').reverse())}`;
      const response = `0d09${Buffer.from('Kith mailbox').toString('hex')}`;
      const [write, read, notify] = [0x08, 0x02, 0x10];
      expect(await ask({})).toEqual([advertisement, response, [write, read, notify]]);
      await ask({ connect: true });
      expect(await ask({})).toEqual([null, null, [write, read, notify]]);
      await ask({ disconnect: true });
      expect(await ask({})).toEqual([advertisement, response, [write, read, notify]]);
    });
  });
}
