// Reads a file that the person chose. It lies on their disk and may change or vanish meanwhile.
import { KithError } from '../errors.ts';

/** What `work` gives, unless `signal` aborts first. @throws KithError 'file-cancelled' then, at once: a disk may keep us waiting. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new KithError('file-cancelled'));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

/**
 * All of it, read at once: the browser takes half as long for that as for pieces of 1 MiB.
 * @throws KithError 'file-unreadable' when nothing of it can be read, or both ends and not the whole (memory is short) |
 * 'file-changed' when it falls short, or begins and does not end as it did | 'file-cancelled' as soon as `signal` aborts
 */
export function readSource(source: Blob, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  return unlessAborted(read(source), signal);
}

async function read(source: Blob): Promise<Uint8Array<ArrayBuffer>> {
  let whole: Uint8Array<ArrayBuffer>;
  try {
    whole = new Uint8Array(await source.arrayBuffer());
  } catch (cause) {
    // File API §6.3: NotReadableError for a snapshot that no longer matches, NotFoundError for a file that is gone. Browsers say
    // the same of a file that memory is too short for: then its last byte is where it was.
    const hasChanged = (await isReadable(source.slice(0, 1))) && !(await isReadable(source.slice(source.size - 1)));
    throw new KithError(hasChanged ? 'file-changed' : 'file-unreadable', {}, { cause });
  }
  if (whole.length !== source.size) throw new KithError('file-changed');
  return whole;
}

function isReadable(piece: Blob): Promise<boolean> {
  return piece.arrayBuffer().then(
    () => true,
    () => false,
  );
}
