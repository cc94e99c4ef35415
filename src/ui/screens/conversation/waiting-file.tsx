// A file that waits in the composer: what it is, how it goes, and why it cannot.
import type { Conversation } from '../../../app/conversation.ts';
import { shownFileName } from '../../../app/format.ts';
import type { WaitingFile } from '../../../app/waiting-files.ts';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { CloseIcon, FileIcon } from '../../icons/icons.tsx';

interface ChipProps {
  readonly waiting: WaitingFile;
  readonly conversation: Conversation;
  /** Nothing can be sent here any more. */
  readonly isOver?: boolean;
}

export function Chip({ waiting, conversation, isOver = false }: ChipProps) {
  const { t } = useApp();
  const { id, file, previewUrl, asFile, state, error } = waiting;
  return (
    <li class="chip" data-testid="waiting-file" data-name={file.name} data-state={state} data-code={error?.kind}>
      <div class="chip-line">
        {previewUrl === null ? (
          <span class="chip-icon">
            <FileIcon />
          </span>
        ) : (
          <img class="chip-icon" src={previewUrl} alt="" />
        )}
        <span class="chip-words">
          <span class="chip-name" dir="auto">
            {shownFileName(file.name)}
          </span>
          <span class="chip-size">{t.size(file.size)}</span>
        </span>
        {asFile !== null && !isOver && <AsFile waiting={waiting} conversation={conversation} />}
        <IconButton label={t.composer.removeFile(file.name)} onClick={() => conversation.composer.removeFile(id)}>
          <CloseIcon size={18} />
        </IconButton>
      </div>
      {error !== null && !isOver && (
        <p class="chip-error" role="alert">
          {t.errors[error.kind](error.detail)}
        </p>
      )}
    </li>
  );
}

function AsFile({ waiting: { id, file, asFile }, conversation }: ChipProps) {
  const { t } = useApp();
  return (
    <label class="chip-as-file" title={t.composer.asFileTitle}>
      <input
        type="checkbox"
        data-testid="send-as-file"
        checked={asFile === true}
        onChange={({ currentTarget }) => conversation.composer.sendAsFile(id, currentTarget.checked)}
      />
      <span>
        {t.composer.asFile}
        <span class="visually-hidden">{t.composer.asFileHint(file.name)}</span>
      </span>
    </label>
  );
}
