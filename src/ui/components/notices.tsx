// News that concern every screen, one line each, in a place of their own at the top.
import { fingerprint, type Notice } from '../../app/notices.ts';
import { useApp } from '../context.ts';
import { CloseIcon, InfoIcon } from '../icons/icons.tsx';
import { Button, IconButton } from './button.tsx';
import './notices.css';

function useWords(notice: Notice): { text: string; action: string | null; act: () => void } {
  const { t, navigation } = useApp();
  const none = { action: null, act: () => undefined };
  switch (notice.id) {
    case 'update':
      return { text: t.notices.update, action: t.notices.applyUpdate, act: notice.apply };
    case 'import':
      return { text: t.notices.importFailed(t.errors[notice.kind]({})), ...none };
    case 'disk-full':
      return { text: t.notices.diskFull, ...none };
    case 'file-room':
      return { text: t.notices.fileRoom, ...none };
    case 'config':
      return { text: t.errors[notice.kind](notice.detail), ...none };
    case 'damaged':
      return { text: t.notices.damaged(notice.count), ...none };
    case 'pairing':
      return {
        text: t.pairing.failedNotice(t.errors[notice.kind]({})),
        action: t.pairing.openAddContact,
        act: () => navigation.open({ name: 'add-contact' }),
      };
    case 'not-kept':
      return {
        text: t.notices.notKept,
        action: t.notices.notKeptAction,
        act: () => navigation.open({ name: 'settings' }),
      };
  }
}

function NoticeLine({ notice }: { readonly notice: Notice }) {
  const { t, notices } = useApp();
  const { text, action, act } = useWords(notice);
  return (
    <li class="notice" data-notice={notice.id}>
      <InfoIcon size={20} />
      <p>{text}</p>
      {action !== null && (
        <Button compact onClick={act}>
          {action}
        </Button>
      )}
      <IconButton label={t.dismiss} onClick={() => notices.dismiss(notice)}>
        <CloseIcon size={18} />
      </IconButton>
    </li>
  );
}

export function Notices() {
  const { t, notices, navigation } = useApp();
  const pairing = navigation.screen.value.name === 'add-contact';
  // The add-contact screen shows its own failures.
  const shown = notices.shown.value.filter(({ id }) => !(pairing && id === 'pairing'));
  return (
    <section class="notices" aria-label={t.notices.region} aria-live="polite" hidden={shown.length === 0}>
      <ul>
        {shown.map((notice) => (
          <NoticeLine key={fingerprint(notice)} notice={notice} />
        ))}
      </ul>
    </section>
  );
}

/** A short word that passes by. Never in the way of a click. */
export function Toast() {
  const { text } = useApp().toasts;
  return (
    <div class="toast-place" role="status">
      {text.value !== '' && <p class="toast">{text.value}</p>}
    </div>
  );
}
