// How far somebody is trusted: checked, vouched for by somebody else, or neither.
import type { ConversationView } from '../../app/views.ts';
import { IntroducedIcon, ShieldIcon, ShieldOpenIcon } from './icons.tsx';

interface TrustIconProps {
  readonly trust: ConversationView['trust'];
  readonly size: number;
}

export function TrustIcon({ trust, size }: TrustIconProps) {
  if (trust === 'verified') return <ShieldIcon size={size} />;
  return trust === 'introduced' ? <IntroducedIcon size={size} /> : <ShieldOpenIcon size={size} />;
}
