// What one person's messages cost while they are carried out: a flood ends its session instead of filling the memory.
import { KithError } from '../errors.ts';

/** A thousand photos offered at once fit; a flood does not. */
const MAX_UNDER_WAY_BYTES = 67_108_864;
/** What a message costs beyond its bytes. */
const MESSAGE_COST_BYTES = 1024;

export class UnderWay {
  #bytes = 0;

  /** `payload` is carried out by `work`. @throws KithError 'frame-malformed' when too much is under way: authenticated, so a broken or hostile Kith */
  take(payload: Uint8Array, work: () => Promise<void>): Promise<void> {
    const cost = payload.length + MESSAGE_COST_BYTES;
    this.#bytes += cost;
    if (this.#bytes > MAX_UNDER_WAY_BYTES) throw new KithError('frame-malformed');
    return work().finally(() => {
      this.#bytes -= cost;
    });
  }
}
