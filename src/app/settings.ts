// The settings screen: trackers, receipts, storage, and the counts for a problem report.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../core/errors.ts';
import type { DiagnosticsView, KithNode, Result, Snapshot } from '../core/node-api.ts';
import type { Platform } from './platform.ts';

/** Milliseconds between two looks at the diagnostics while they are on screen. */
export const DIAGNOSTICS_INTERVAL = 1000;

/** Non-empty lines, trimmed, each once. */
export function trackerLines(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(/[\n\r,]+/)
        .map((line) => line.trim())
        .filter(Boolean),
    ),
  ];
}

/** A path means this page's own host, `//` would be another one. Some browsers escape what no host may hold. */
function isTracker(line: string): boolean {
  if (/^\.{0,2}\/(?!\/)/.test(line)) return true;
  return /^wss?:\/\//i.test(line) && URL.canParse(line) && !new URL(line).hostname.includes('%');
}

/** The first line that cannot be a tracker's address; null when all can. */
export function invalidTracker(lines: readonly string[]): string | null {
  return lines.find((line) => !isTracker(line)) ?? null;
}

/** What is wrong with the trackers: a line, or more lines than can be used. */
export type TrackersProblem = { readonly line: string } | { readonly limit: number };

/** What the node says of `trackers[3]`, as the line or the limit that is meant. */
function problemOf({ field, limit }: ErrorDetail, lines: readonly string[]): TrackersProblem {
  return limit === undefined ? { line: lines[Number(/\d+/.exec(field ?? '')?.[0])] ?? '' } : { limit };
}

/** Caps to choose from for what is carried for others, bytes per second: slow, usual, and fast lines. */
export const relayingCaps = [65_536, 262_144, 1_048_576] as const;

const failed = (): Result => ({ ok: false, kind: 'internal', detail: {} });

export class Settings {
  readonly #node: KithNode;
  readonly #platform: Platform;
  readonly #snapshot: ReadonlySignal<Snapshot | null>;
  readonly #failed: (result: Result<unknown>) => void;
  readonly #diagnostics = signal<DiagnosticsView | null>(null);
  /** What is typed; null while it shows what is in use. */
  readonly #trackers = signal<string | null>(null);
  readonly #invalid = signal<TrackersProblem | null>(null);
  /** For when relaying is switched on again. */
  #cap: number = relayingCaps[1];

  constructor(
    node: KithNode,
    platform: Platform,
    snapshot: ReadonlySignal<Snapshot | null>,
    failed: (result: Result<unknown>) => void,
  ) {
    this.#node = node;
    this.#platform = platform;
    this.#snapshot = snapshot;
    this.#failed = failed;
  }

  get diagnostics(): ReadonlySignal<DiagnosticsView | null> {
    return this.#diagnostics;
  }
  /** null when all is well. */
  get invalid(): ReadonlySignal<TrackersProblem | null> {
    return this.#invalid;
  }

  trackersText(): string {
    return this.#trackers.value ?? (this.#snapshot.value?.settings.effectiveTrackers ?? []).join('\n');
  }

  typeTrackers(text: string): void {
    this.#trackers.value = text;
    this.#invalid.value = null;
  }

  async saveTrackers(): Promise<boolean> {
    const lines = trackerLines(this.trackersText());
    const line = invalidTracker(lines);
    this.#invalid.value = line === null ? null : { line };
    return line === null && this.#store(lines);
  }

  resetTrackers(): Promise<boolean> {
    this.#invalid.value = null;
    return this.#store(null);
  }

  async #store(trackers: readonly string[] | null): Promise<boolean> {
    const stored = await this.#node.setTrackers(trackers).catch(failed);
    if (stored.ok) this.#trackers.value = null;
    else if (stored.kind === 'config-field') this.#invalid.value = problemOf(stored.detail, trackers ?? []);
    else this.#failed(stored);
    return stored.ok;
  }

  /** Resolves to why not; null when it is kept. */
  async rename(name: string): Promise<ErrorKind | null> {
    const renamed = await this.#node.rename(name).catch(failed);
    return renamed.ok ? null : renamed.kind;
  }

  setReceipts(on: boolean): Promise<boolean> {
    return this.#do(this.#node.setSendReadReceipts(on));
  }

  setDiscoverable(on: boolean): Promise<boolean> {
    return this.#do(this.#node.setDiscoverable(on));
  }

  setRelayOnly(on: boolean): Promise<boolean> {
    return this.#do(this.#node.setRelayOnly(on));
  }

  /** Switched on again it gets the cap it had, if it had one since the page was opened. */
  setRelaying(on: boolean): Promise<boolean> {
    const now = this.#snapshot.peek()?.settings.relaying ?? null;
    if (now !== null) this.#cap = now;
    return this.#do(this.#node.setRelaying(on ? this.#cap : null));
  }

  setRelayingCap(bytesPerSecond: number): Promise<boolean> {
    return this.#do(this.#node.setRelaying(bytesPerSecond));
  }

  async eraseEverything(): Promise<void> {
    this.#failed(await this.#node.eraseEverything().catch(failed));
  }

  async askToKeep(): Promise<void> {
    await this.#node.requestPersistence();
  }

  async #do(done: Promise<Result>): Promise<boolean> {
    const result = await done.catch(failed);
    if (!result.ok) this.#failed(result);
    return result.ok;
  }

  /** Refreshes the diagnostics until the returned function is called: what was true then is not shown later. */
  watchDiagnostics(): () => void {
    let stop: (() => void) | null = null;
    let watching = true;
    const look = async () => {
      const view = await this.#node.diagnostics().catch(() => null);
      if (!watching) return;
      if (view !== null) this.#diagnostics.value = view;
      stop = this.#platform.after(DIAGNOSTICS_INTERVAL, () => void look());
    };
    void look();
    return () => {
      watching = false;
      stop?.();
      this.#diagnostics.value = null;
    };
  }
}
