// Files that were chosen and not sent yet: each is sealed while its person still writes, one at a time and in the order they were
// chosen, and nobody hears of it before it is sent. They live as long as this node; what is left on the disk goes at the next start.
import { fromHex } from '../bytes/hex.ts';
import { KithError } from '../errors.ts';
import { unlessAborted } from '../transfer/source.ts';
import { asPhoto } from './photo.ts';

/** What to seal, and for which message. */
export interface ChosenFile {
  readonly contactId: string;
  /** 32 hexadecimal digits. */
  readonly messageId: string;
  readonly file: File;
  /** Exactly as it is; a photo else loses what it says of where and with what it was taken. */
  readonly asFile: boolean;
}

/** Seals files under the id (16 bytes) of the message that each will be, and removes what was sealed for nothing. */
export interface Sealer<T> {
  /** @throws KithError why it cannot be sealed; then nothing is left */
  prepare(contactId: string, fileId: Uint8Array, source: Blob, options: { signal: AbortSignal }): Promise<T>;
  forget(fileId: Uint8Array): Promise<void>;
}

interface Preparation<T> {
  readonly chosen: ChosenFile;
  readonly abort: AbortController;
  readonly sealed: Promise<T>;
}

export class PreparedFiles<T> {
  private readonly known = new Map<string, Preparation<T>>();
  /** Settles when nothing is being sealed or removed. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly sealer: Sealer<T>) {}

  /**
   * Seals it when those asked for before are done; once, however often it is asked for. What failed leaves nothing behind.
   * @throws KithError what sealing throws; 'photo-unreadable'; 'file-cancelled' when it was discarded
   */
  prepare(chosen: ChosenFile): Promise<T> {
    const { messageId } = chosen;
    const known = this.known.get(messageId);
    if (known) return known.sealed;
    const abort = new AbortController();
    const sealed = unlessAborted(this.turn, abort.signal).then(() => this.seal(chosen, abort.signal));
    const preparation = { chosen, abort, sealed };
    this.known.set(messageId, preparation);
    this.inTurn(sealed);
    sealed.catch(() => this.known.get(messageId) === preparation && this.known.delete(messageId));
    return sealed;
  }

  /** What is sealed for this message becomes the caller's. Waits while it is being sealed; what was not prepared so is sealed now. */
  async take(chosen: ChosenFile): Promise<T> {
    const { messageId } = chosen;
    const known = this.known.get(messageId);
    if (known && !isSame(known.chosen, chosen)) await this.discard(known.chosen.contactId, messageId);
    const before = await this.known.get(messageId)?.sealed.catch(() => undefined);
    const kept = before && this.known.has(messageId);
    const sealed = kept ? before : await this.prepare(chosen);
    if (!this.known.delete(messageId)) throw new KithError('file-cancelled');
    return sealed;
  }

  /** Stops it, or removes what was sealed. Nothing happens to a message that was sent. */
  async discard(contactId: string, messageId: string): Promise<void> {
    const preparation = this.known.get(messageId);
    if (preparation?.chosen.contactId !== contactId) return;
    this.known.delete(messageId);
    preparation.abort.abort();
    const { sealed } = preparation;
    const gone = sealed.then(
      () => this.sealer.forget(fromHex(messageId)),
      () => {},
    );
    this.inTurn(gone);
    await gone;
  }

  /** All of a conversation. */
  async discardAll(contactId: string): Promise<void> {
    const ofContact = [...this.known].filter(([, { chosen }]) => chosen.contactId === contactId);
    await Promise.all(ofContact.map(([messageId]) => this.discard(contactId, messageId)));
  }

  private inTurn(work: Promise<unknown>): void {
    this.turn = Promise.allSettled([this.turn, work]).then(() => {});
  }

  private async seal({ contactId, messageId, file, asFile }: ChosenFile, signal: AbortSignal): Promise<T> {
    const source = asFile ? file : await unlessAborted(asPhoto(file), signal);
    return this.sealer.prepare(contactId, fromHex(messageId), source, { signal });
  }
}

const isSame = (one: ChosenFile, other: ChosenFile): boolean =>
  one.contactId === other.contactId && one.asFile === other.asFile;
