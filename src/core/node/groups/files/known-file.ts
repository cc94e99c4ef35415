// A file of a group as its member's page knows it, and what the fetching of files stands on.
import { hasUnit } from '../../../bytes/bitmap.ts';
import type { ErrorKind } from '../../../errors.ts';
import type { FileName } from '../../../group/files/offer.ts';
import type { MemberId } from '../../../group/members-view.ts';
import type { BlobStore, FileLayout } from '../../../ports/blob-store.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Random } from '../../../ports/random.ts';
import { layoutOf } from '../../../transfer/layout.ts';
import type { GroupFileOffer, GroupFileTalk } from '../../../wire/group-files.ts';

/** What stays on the disk of a file's end. */
export type FileNote =
  /** `elsewhere`: it is mine, and another member has said to have all of it, or none has; undefined where nobody noted that. */
  | { readonly state: 'complete'; readonly elsewhere?: boolean | undefined }
  | { readonly state: 'failed'; readonly error: ErrorKind };

export type GroupFileState = { readonly progress: number } & (
  | { readonly state: 'waiting' | 'transferring' | 'complete' }
  | { readonly state: 'failed'; readonly error: ErrorKind }
);

export interface GroupFilesKit {
  /** The group's id. */
  readonly group: Uint8Array;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Largest file this device takes, bytes. */
  readonly maxFileBytes: () => number;
  /** Whether this member belongs to the group today and may read a message that brings this file. */
  readonly mayRead: (file: FileName, member: MemberId) => boolean;
  readonly send: (to: MemberId, message: GroupFileTalk) => void;
  /** On the disk (strict) when it resolves. */
  readonly keep: (file: FileName, note: FileNote) => Promise<void>;
  /** What was kept is forgotten, on the disk (strict) when it resolves. */
  readonly unkeep: (file: FileName) => Promise<void>;
  /** State or progress of this file changed. */
  readonly changed: (file: FileName) => void;
  /** What somebody said was thrown away. */
  readonly refused: (from: MemberId, kind: ErrorKind) => void;
}

/** A file that a signed message of the group brings. */
export interface BroughtFile {
  readonly name: FileName;
  /** Its name in the store of sealed units. */
  readonly blobId: string;
  /** I brought it: until another member has all of it, nobody can get it but from me. */
  readonly isMine: boolean;
  readonly offer: GroupFileOffer;
}

/** Of a file of mine. unknown: not looked at yet, or not whole here, and nobody has said to have it. */
export type FileReach = 'only-here' | 'elsewhere' | 'unknown';

/** One of them while the page is open. */
export interface KnownFile extends BroughtFile {
  isMine: boolean;
  readonly layout: FileLayout;
  note: FileNote | undefined;
  finishing: boolean;
  repairs: number;
  /** Units that came since others were told what is here. */
  untold: number;
  /** Who asked for it, and is told when there is more. */
  readonly askers: Set<MemberId>;
  /** Who said to have all of it. */
  readonly owners: Set<MemberId>;
}

export const knownFile = (file: BroughtFile, note: FileNote | undefined): KnownFile => ({
  ...file,
  layout: layoutOf(file.offer.size),
  note,
  finishing: false,
  repairs: 0,
  untold: 0,
  askers: new Set(),
  owners: new Set(),
});

export const isHeld = (held: Uint8Array, { units }: FileLayout, index: number): boolean =>
  index < units && hasUnit(held, index);

export function reachOf({ note, owners }: KnownFile): FileReach {
  if (owners.size > 0) return 'elsewhere';
  if (note?.state !== 'complete') return 'unknown';
  // What an earlier version noted says nothing of it: taken as it was told then.
  return note.elsewhere === false ? 'only-here' : 'elsewhere';
}
