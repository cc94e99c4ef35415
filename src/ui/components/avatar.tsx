// A face for somebody without a picture: a colour that stays with the id, and initials. The dot tells presence.
import { hueOf, initials } from '../../app/format.ts';
import './avatar.css';

const HUES = 8;

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly presence?: 'online' | 'connecting' | 'offline';
  readonly size?: 'small' | 'medium' | 'large';
}

export function Avatar({ id, name, presence, size = 'medium' }: AvatarProps) {
  return (
    <span class="avatar" data-hue={hueOf(id, HUES)} data-size={size} data-presence={presence} aria-hidden="true">
      <span class="avatar-face">{initials(name) || '?'}</span>
    </span>
  );
}
