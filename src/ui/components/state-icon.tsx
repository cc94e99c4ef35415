// What became of a message, as a sign and as words: queued clock, sent one tick, delivered two, read two filled, dropped.
import type { MessageState } from '../../app/views.ts';
import { useApp } from '../context.ts';
import { ClockIcon, ReadIcon, TickIcon, TicksIcon, WarningIcon } from '../icons/icons.tsx';
import './state-icon.css';

const icons = {
  queued: ClockIcon,
  sent: TickIcon,
  delivered: TicksIcon,
  read: ReadIcon,
  dropped: WarningIcon,
} as const;

export function StateIcon({ state, size = 17 }: { readonly state: MessageState; readonly size?: number }) {
  const { t } = useApp();
  const Icon = icons[state];
  return (
    <span class="state-icon" data-sign={state} title={t.messageState[state]}>
      <Icon size={size} />
      <span class="visually-hidden">{t.messageState[state]}</span>
    </span>
  );
}
