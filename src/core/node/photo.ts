// A chosen file as it goes when its person did not say "as a file".
import { KithError, kindOf } from '../errors.ts';

/** Without what a photo says of where it was taken. @throws KithError 'photo-unreadable': as a file it can still be sent. */
export async function asPhoto(file: File): Promise<Blob> {
  // Loaded with the first file that is chosen: the first screen needs none of it.
  const { withoutMetadata } = await import('../transfer/metadata.ts');
  try {
    return await withoutMetadata(file);
  } catch (error) {
    // A file that is gone fails to be read here too; sealing tells that apart.
    if (kindOf(error) !== 'file-unreadable' || !(await isReadable(file))) throw error;
    throw new KithError('photo-unreadable', {}, { cause: error });
  }
}

async function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}
