// Time. Tests replace it; nothing in core asks Date or setTimeout itself.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after `ms` milliseconds. */
  after(ms: number, callback: () => void): Timer;
}
