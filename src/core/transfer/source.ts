// Reads a file that the person chose, one piece ahead of its use. It lies on their disk and may change or vanish meanwhile.
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
 * Consecutive pieces of at most `pieceBytes`; an empty file gives one empty piece. At most two pieces are in memory.
 * @throws KithError 'file-unreadable' when it cannot be read at all | 'file-changed' when a later read fails or falls short |
 * 'file-cancelled' as soon as `signal` aborts
 */
export async function* piecesOf(
  source: Blob,
  pieceBytes: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let next: Promise<Uint8Array<ArrayBuffer>> | undefined = readPiece(source, 0, pieceBytes);
  for (let start = 0; next !== undefined; start += pieceBytes) {
    const piece: Uint8Array<ArrayBuffer> = await unlessAborted(next, signal);
    const following = start + pieceBytes;
    next = following < source.size ? readPiece(source, following, pieceBytes) : undefined;
    next?.catch(() => {}); // thrown when its turn comes
    yield piece;
  }
}

async function readPiece(source: Blob, start: number, pieceBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const end = Math.min(start + pieceBytes, source.size);
  let piece: Uint8Array<ArrayBuffer>;
  try {
    piece = new Uint8Array(await source.slice(start, end).arrayBuffer());
  } catch (cause) {
    // File API §6.3: NotReadableError for a snapshot that no longer matches, NotFoundError for a file that is gone.
    throw new KithError(start === 0 ? 'file-unreadable' : 'file-changed', {}, { cause });
  }
  if (piece.length !== end - start) throw new KithError('file-changed');
  return piece;
}
