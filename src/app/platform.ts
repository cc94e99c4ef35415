// What the view models need from the browser, so that tests can replay them with a clock and a history of their own.

import type { Result } from '../core/node-api.ts';
import type { BluetoothGap } from '../core/ports/bluetooth.ts';
import type { Scanner } from '../core/ports/scanner.ts';
import type { Workshop } from '../core/ports/workshop.ts';

/** What this page has to go to a Bluetooth mailbox with. */
export interface MailboxRadio {
  /** Why it cannot; null when it can. */
  readonly gap: BluetoothGap | null;
  /** Lets the person choose a mailbox and begins to pair there; call it while their click is fresh. */
  start(): Promise<Result<{ readonly mailboxId: string }>>;
  /** This mailbox was chosen here, not in another tab. */
  goesTo(mailboxId: string): boolean;
  /** Where gadgets are made mailboxes; its code comes when it is first asked for. */
  workshop(): Promise<Workshop>;
}

export interface Platform {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after so many milliseconds; the returned function calls it off. */
  after(milliseconds: number, task: () => void): () => void;

  /** Is a person looking: the document is visible and has the focus. */
  attention(): boolean;
  watchAttention(listener: () => void): void;
  /** The page is being hidden or closed: the last moment to keep something. */
  watchHiding(listener: () => void): void;
  /** The page is being closed or left. */
  watchLeaving(listener: () => void): void;

  /** The browser's Back button. Entries carry a state, which outlives the page, and never change the address. */
  readonly history: {
    /** What the entry that is open carries; null when nothing. */
    current(): unknown;
    push(state: object): void;
    replace(state: object): void;
    back(): void;
    watch(listener: (state: unknown) => void): void;
  };

  /** Where this page lives: its folder, without a query. */
  readonly address: string;
  /** What stood behind the # of the address, which is clean again. */
  readonly fragments: {
    /** When the page was opened; '' for nothing. */
    readonly first: string;
    /** Whenever somebody opens another one in this tab. The history has a new entry, which carries nothing yet. */
    watch(listener: (fragment: string) => void): void;
  };
  /** Asks the browser to open `web+kith:` links here from now on. It asks the person, and never says what they answered. */
  readonly handleLinks: (() => void) | null;

  setTitle(title: string): void;
  /** Number on the installed app's icon; 0 removes it. */
  setBadge(count: number): void;
  /** Holds a screen wake lock while true. */
  keepAwake(on: boolean): void;

  /** False when the browser refuses. */
  copy(text: string): Promise<boolean>;
  /** The system's share sheet, where there is one. False when it refuses; a person who closes it has changed their mind. */
  readonly share: ((what: { readonly text: string } | { readonly url: string }) => Promise<boolean>) | null;

  /** False for folders and files that moved away. */
  readable(file: File): Promise<boolean>;
  /** A picture of at most 320 px and 32 KiB; null when `file` is not an image that is safe to decode. */
  thumbnail(file: Blob): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Width and height when the bytes are a raster image that is safe to decode here, else null. */
  imageSize(image: Blob): Promise<{ readonly width: number; readonly height: number } | null>;
  objectUrl(blob: Blob): string;
  revokeUrl(url: string): void;
  download(blob: Blob, name: string): void;

  /** What the device can see; its code comes when it is first asked for. */
  scanner(): Promise<Scanner>;

  /** The same one every time; its code comes when it is first asked for. */
  radio(): Promise<MailboxRadio>;

  /** 32 hexadecimal digits that nobody can guess. */
  newId(): string;

  /** Small things the person answered once, such as a dismissed hint. Never contents. */
  recall(flag: string): boolean;
  remember(flag: string): void;

  /** `news`: for the page that comes then, and nobody after it. */
  reload(news?: string): void;
  /** What the page before left; '' for nothing. */
  news(): string;
  /** Forgets what the browser was asked to remember, and opens the page as at a first visit. */
  beginAnew(): void;
  readonly version: string;
  /** Release hash; '' while developing. */
  readonly release: string;
}
