// The face of a group: its picture, or initials. A picture is shown only when its header says that it is a small raster image.
import { Avatar } from '../../components/avatar.tsx';
import { useThumbnail } from '../conversation/thumbnail.ts';
import './group-face.css';

interface GroupFaceProps {
  readonly face: string;
  readonly name: string;
  readonly picture: Uint8Array | null;
  readonly presence?: 'online' | 'connecting' | 'offline';
  readonly size?: 'small' | 'medium' | 'large';
  /** Left out: it stands beside the group's name and is silent. */
  readonly label?: string;
}

function Picture({ picture, size, label }: { picture: Uint8Array; size: string; label: string }) {
  const shown = useThumbnail(picture);
  return shown === null ? null : <img class="group-picture" data-size={size} src={shown.url} alt={label} />;
}

export function GroupFace({ face, name, picture, presence, size = 'medium', label = '' }: GroupFaceProps) {
  return (
    <span class="group-face">
      <Avatar id={face} name={name} {...(presence === undefined ? {} : { presence })} size={size} />
      {picture !== null && <Picture key={digest(picture)} picture={picture} size={size} label={label} />}
    </span>
  );
}

/** Tells one picture from the next (FNV-1a, 32 bit): they may be of one length. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length}-${hash >>> 0}`;
}
