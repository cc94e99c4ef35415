// The worker that owns Kith's files: unwraps a call, asks core's UnitStore or the key files, replies (transfer-protocol.ts).
import { KithError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { fileError } from '../core/transfer/unit-file.ts';
import { UnitStore } from '../core/transfer/unit-store.ts';
import {
  beginMove,
  endMove,
  forgetKeys,
  hasLived,
  noteLife,
  readKeys,
  writeDataKey,
  writeLock,
  writeUnlocked,
} from './key-files.ts';
import { OpfsDirectory } from './opfs-directory.ts';
import type { RowOutcome, TransferFailure, TransferReply, TransferRequest, WrittenRow } from './transfer-protocol.ts';

type Call = Extract<TransferRequest, { call: string }>;

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

const files = new OpfsDirectory(['kith', 'files'], clock);
const keys = new OpfsDirectory(['kith'], clock);
const store = new UnitStore(files, clock);
const sealing = new Map<number, AbortController>();

async function seal({ id, args: [file, source, key] }: Extract<Call, { call: 'seal' }>): Promise<unknown> {
  const abort = new AbortController();
  sealing.set(id, abort);
  try {
    const onProgress = (progress: number): void => reply({ id, progress });
    return await store.seal(file, source, key, { onProgress, signal: abort.signal });
  } finally {
    sealing.delete(id);
  }
}

function writeRows(id: string, rows: readonly WrittenRow[]): Promise<RowOutcome[]> {
  return Promise.all(
    rows.map(({ layout, key, first, sealed }) => store.writeUnits(id, layout, key, first, sealed).catch(failureOf)),
  );
}

/** The keys first, which makes the rest unreadable; then everything that lies beside them. */
async function destroy(): Promise<void> {
  await store.closeAll();
  await forgetKeys(keys);
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('kith', { recursive: true });
  files.forget();
  keys.forget();
}

function perform(call: Call): Promise<unknown> {
  switch (call.call) {
    case 'seal':
      return seal(call);
    case 'readUnits':
      return store.readUnits(...call.args);
    case 'writeRows':
      return writeRows(...call.args);
    case 'stored':
      return store.stored(...call.args);
    case 'finish':
      return store.finish(...call.args);
    case 'open':
      return store.open(...call.args);
    case 'remove':
      return store.remove(...call.args);
    case 'list':
      return store.list();
    case 'layout':
      return store.layout(...call.args);
    case 'restoreUnits':
      return store.restoreUnits(...call.args);
    case 'flush':
      return store.flush(...call.args);
    case 'readKeys':
      return readKeys(keys);
    case 'writeDataKey':
      return writeDataKey(keys, ...call.args);
    case 'hasLived':
      return hasLived(keys);
    case 'noteLife':
      return noteLife(keys);
    case 'beginMove':
      return beginMove(keys);
    case 'endMove':
      return endMove(keys);
    case 'writeLock':
      return writeLock(keys, ...call.args);
    case 'writeUnlocked':
      return writeUnlocked(keys, ...call.args);
    case 'destroy':
      return destroy();
    default:
      return Promise.reject(new KithError('internal'));
  }
}

function reply(message: TransferReply, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

async function answer(call: Call): Promise<void> {
  try {
    const value = await perform(call);
    reply({ id: call.id, value }, movable(value));
  } catch (error) {
    reply({ id: call.id, ...failureOf(error) });
  }
}

/** Bytes that the store has just made for this answer are moved, not copied. */
function movable(value: unknown): Transferable[] {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return first instanceof Uint8Array ? [first.buffer] : [];
}

function failureOf(error: unknown): TransferFailure {
  const { kind, detail, cause } = fileError(error);
  return { kind, detail, message: String(cause ?? '') };
}

scope.onmessage = ({ data }: MessageEvent<TransferRequest>) => {
  if ('cancel' in data) sealing.get(data.cancel)?.abort();
  else void answer(data);
};
