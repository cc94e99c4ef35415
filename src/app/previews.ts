// Object URLs of received and sent files while something shows them. What a stranger sent is shown only when its bytes
// are a picture, video or sound that is safe to decode; the node has sniffed the type, the pixel cap is checked here.
import type { KithNode, MessageView } from '../core/node-api.ts';
import type { Platform } from './platform.ts';

export interface Preview {
  readonly url: string;
  readonly kind: 'image' | 'video' | 'audio';
  /** Pixels of an image; 0 for video and audio. */
  readonly width: number;
  readonly height: number;
}

interface Held {
  /** null: opening it failed, and is tried again for whoever asks next. */
  preview: Promise<Preview | false | null> | null;
  holders: number;
}

export class Previews {
  readonly #node: KithNode;
  readonly #platform: Platform;
  readonly #held = new Map<string, Held>();

  constructor(node: KithNode, platform: Platform) {
    this.#node = node;
    this.#platform = platform;
  }

  /**
   * Opens a complete attachment for showing; false when its bytes are nothing that may be shown, null when it could not be opened just
   * now. Call `release` when it is off screen.
   */
  hold(message: MessageView): Promise<Preview | false | null> {
    const held = this.#held.get(message.id) ?? { preview: null, holders: 0 };
    held.holders += 1;
    this.#held.set(message.id, held);
    held.preview ??= this.#open(message).catch(() => {
      held.preview = null;
      return null;
    });
    return held.preview;
  }

  release(messageId: string): void {
    const held = this.#held.get(messageId);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#held.delete(messageId);
    void held.preview?.then((preview) => {
      if (preview) this.#platform.revokeUrl(preview.url);
    });
  }

  async #open(message: MessageView): Promise<Preview | false> {
    const kind = message.attachment?.kind;
    if (kind === undefined || kind === 'document') return false;
    const opened = await this.#node.openAttachment(message.conversationId, message.id);
    if (!opened.ok) throw new Error(opened.kind);
    if (!opened.value.blob.type.startsWith(`${kind}/`)) return false;
    const { blob } = opened.value;
    const size = kind === 'image' ? await this.#platform.imageSize(blob) : { width: 0, height: 0 };
    return size === null ? false : { url: this.#platform.objectUrl(blob), kind, ...size };
  }
}
