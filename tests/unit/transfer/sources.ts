// Files of the person's that misbehave, for tests in Node.

/** A Blob that reads, whole and in pieces, as `read` says: `start` of the piece and its right bytes in, bytes or an error out. */
export function sourceThat(
  content: Uint8Array<ArrayBuffer>,
  read: (start: number, piece: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
): Blob {
  class Unreliable extends Blob {
    override async arrayBuffer(): Promise<ArrayBuffer> {
      return read(0, content.slice()).buffer;
    }

    override slice(start = 0, end = this.size): Blob {
      const piece = new Blob([content.slice(start, end)]);
      piece.arrayBuffer = async () => read(start, content.slice(start, end)).buffer;
      return piece;
    }
  }
  return new Unreliable([content]);
}

export function fail(name: string): never {
  throw new DOMException('', name);
}
