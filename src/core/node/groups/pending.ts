// What belongs to an invitation that is not known to be one: kept in memory alone, until it is or is forgotten.
import type { GroupDisk, Stored } from './group-disk.ts';

export class Pending {
  readonly #operations: Uint8Array[] = [];
  readonly #stores: Stored[] = [];
  /** It is going to the disk. */
  isSettling = false;

  get isEmpty(): boolean {
    return this.#operations.length === 0 && this.#stores.length === 0;
  }

  keep(operations: readonly Uint8Array[]): void {
    this.#operations.push(...operations);
  }

  store(what: Stored): void {
    this.#stores.push(what);
  }

  /** The next part of it, operations first; what did not fit stays. @throws KithError 'disk-full' */
  async writeSome(disk: Pick<GroupDisk, 'keep' | 'write'>): Promise<void> {
    const { length } = this.#operations;
    const [store] = this.#stores;
    if (length > 0) {
      await disk.keep(this.#operations.slice());
      this.#operations.splice(0, length);
    } else if (store) {
      await disk.write(store);
      this.#stores.shift();
    }
  }
}
