// What a composer could not send or take, in words.
import type { Conversation } from '../../../app/conversation.ts';
import { shownFileName } from '../../../app/format.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { CloseIcon, WarningIcon } from '../../icons/icons.tsx';

/** Files of which the same is so and that are called by name. */
const MAX_NAMED = 3;

export function ComposeError({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useApp();
  const { composer } = conversation;
  const last = composer.error.value;
  if (last === null) return null;
  const namesByWords = new Map<string, string[]>();
  for (const { kind, detail, fileName } of composer.errors.value) {
    const words = t.errors[kind](detail);
    namesByWords.set(words, [
      ...(namesByWords.get(words) ?? []),
      ...(fileName === '' ? [] : [shownFileName(fileName)]),
    ]);
  }
  return (
    <div class="alert compose-error" role="alert" data-testid="compose-error" data-code={last.kind}>
      <WarningIcon size={20} />
      <div>
        {[...namesByWords].map(([words, names]) => (
          <p key={words}>
            {names.length === 0
              ? words
              : t.composer.refused(names.slice(0, MAX_NAMED), Math.max(0, names.length - MAX_NAMED), words)}
          </p>
        ))}
      </div>
      <IconButton label={t.dismiss} onClick={() => composer.dismissError()}>
        <CloseIcon size={18} />
      </IconButton>
    </div>
  );
}
