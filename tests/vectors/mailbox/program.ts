// Runs the mailbox's vectors against a program: every program has to do the same.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes/hex.ts';

type Step =
  | { readonly connect: true }
  | { readonly disconnect: true }
  | { readonly write: string; readonly error?: true; readonly hint?: number }
  | { readonly read: string }
  | { readonly wait: number };

interface Case {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** What a vector does to a program, whatever it is written in. */
export interface Program {
  connect(): Promise<void> | void;
  disconnect(): Promise<void> | void;
  /** Slots of the hints it gave, in order. Throws what is an ATT error there. */
  write(bytes: Uint8Array): Promise<number[]> | number[];
  read(): Promise<Uint8Array> | Uint8Array;
  wait(milliseconds: number): Promise<void> | void;
}

const file = new URL('./mailbox.json', import.meta.url);
export const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };

/** Not every radio lets a program answer a write with an error: then what is malformed has only to change nothing. */
interface Able {
  readonly errors: boolean;
}

/** @param powerUp a fresh one */
export function runMailboxVectors(
  name: string,
  powerUp: () => Promise<Program> | Program,
  able: Able = { errors: true },
): void {
  describe(name, () => {
    it.each(cases)('$title', async ({ steps }) => {
      const program = await powerUp();
      for (const [index, step] of steps.entries())
        await take(program, step, `step ${index}: ${JSON.stringify(step)}`, able);
    });
  });
}

async function take(program: Program, step: Step, what: string, { errors }: Able): Promise<void> {
  if ('connect' in step) await program.connect();
  else if ('disconnect' in step) await program.disconnect();
  else if ('wait' in step) await program.wait(step.wait);
  else if ('read' in step) expect(toHex(await program.read()), what).toBe(step.read);
  else {
    const hinted = await written(program, fromHex(step.write));
    if (errors || !step.error) expect(hinted === 'error', what).toBe(step.error === true);
    if (hinted !== 'error') expect(hinted, what).toEqual(step.hint === undefined ? [] : [step.hint]);
  }
}

async function written(program: Program, bytes: Uint8Array): Promise<number[] | 'error'> {
  try {
    return await program.write(bytes);
  } catch {
    return 'error';
  }
}
