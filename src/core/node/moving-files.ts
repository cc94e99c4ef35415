// Files that are on their way now, as a screen wants them: a new state at once, progress a few times a second. Drawing every
// hundredth of a fast file would cost more than moving it (tests/bench/README.md).
import type { Clock } from '../ports/clock.ts';
import type { LiveTransfer } from './views.ts';

/** Twice a second is smooth enough for a bar and a number (what drawing costs: tests/bench/README.md). */
export const PROGRESS_EVERY_MS = 500;

export class MovingFiles {
  private readonly files = new Map<string, LiveTransfer>();
  /** Files whose progress has not been shown, with their contact. */
  private readonly behind = new Map<string, string>();

  constructor(
    private readonly clock: Clock,
    private readonly show: (contactId: string, fileId: string) => void,
  ) {}

  /** `fileId`: hex. */
  get(fileId: string): LiveTransfer | undefined {
    return this.files.get(fileId);
  }

  moved(contactId: string, fileId: string, now: LiveTransfer): void {
    const before = this.files.get(fileId);
    this.files.set(fileId, now);
    if (before?.state !== now.state) this.show(contactId, fileId);
    else this.showSoon(contactId, fileId);
  }

  ended(fileId: string): void {
    this.files.delete(fileId);
    this.behind.delete(fileId);
  }

  private showSoon(contactId: string, fileId: string): void {
    if (this.behind.size === 0) this.clock.after(PROGRESS_EVERY_MS, () => this.showAll());
    this.behind.set(fileId, contactId);
  }

  private showAll(): void {
    const behind = [...this.behind];
    this.behind.clear();
    for (const [fileId, contactId] of behind) this.show(contactId, fileId);
  }
}
