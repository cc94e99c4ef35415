// A file that somebody sent, as it may be shown: as what its own bytes say, and never as its sender calls it.
import { OPAQUE_TYPE } from '../identity/names.ts';
import { PREVIEW_HEAD_BYTES, previewType } from '../transfer/sniff.ts';

/** What is not a picture, film or sound by its own bytes comes as bytes to be saved, never to be shown. */
export async function opened(open: (type: string) => Promise<Blob>): Promise<Blob> {
  const blob = await open(OPAQUE_TYPE);
  const type = previewType(new Uint8Array(await blob.slice(0, PREVIEW_HEAD_BYTES).arrayBuffer()));
  return type ? blob.slice(0, blob.size, type) : blob;
}
