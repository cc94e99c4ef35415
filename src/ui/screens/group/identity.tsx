// What the group is called and looks like: for admins to change.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isBlank } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { MAX_NAME_LENGTH } from '../../../app/limits.ts';
import type { Group as GroupView } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { ImageIcon, WarningIcon } from '../../icons/icons.tsx';

interface PartProps {
  readonly group: Group;
  readonly view: GroupView;
}

export function NamePart({ group, view }: PartProps) {
  const { t, toasts } = useApp();
  const words = useGroupWords();
  const typed = useSignal<string | null>(null);
  const missing = useSignal(false);
  const save = async (event: Event) => {
    event.preventDefault();
    const name = typed.peek();
    if (name === null || name === view.name) return;
    missing.value = isBlank(name);
    if (missing.peek() || !(await group.rename(name))) return;
    typed.value = null;
    toasts.show(t.saved);
  };
  return (
    <form class="field" autocomplete="off" onSubmit={(event) => void save(event)}>
      <label for="group-rename">{words.page.name}</label>
      <div class="field-line">
        <input
          id="group-rename"
          class="input"
          data-testid="group-rename"
          type="text"
          dir="auto"
          autocomplete="off"
          maxLength={MAX_NAME_LENGTH * 2}
          aria-invalid={missing.value}
          aria-describedby={missing.value ? 'group-rename-error' : 'group-rename-help'}
          value={typed.value ?? view.name}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            missing.value = false;
          }}
        />
        <Button type="submit" data-testid="group-rename-save">
          {t.save}
        </Button>
      </div>
      {missing.value && (
        <p id="group-rename-error" class="alert" role="alert">
          <WarningIcon size={20} />
          {words.make.nameMissing}
        </p>
      )}
      <p id="group-rename-help" class="help">
        {words.page.nameHelp}
      </p>
    </form>
  );
}

export function PicturePart({ group, view }: PartProps) {
  const { platform, toasts } = useApp();
  const words = useGroupWords().page.picture;
  const chooser = useRef<HTMLInputElement>(null);
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    const picture = await platform.thumbnail(file).catch(() => null);
    if (picture === null) toasts.show(words.unusable);
    else await group.setPicture(picture);
  };
  return (
    <div class="buttons">
      <input
        ref={chooser}
        class="visually-hidden"
        data-testid="group-picture"
        type="file"
        autocomplete="off"
        accept="image/*"
        tabIndex={-1}
        aria-label={words.choose}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // The same file may be chosen again.
          currentTarget.value = '';
          void choose(file);
        }}
      />
      <Button onClick={() => chooser.current?.click()}>
        <ImageIcon size={18} />
        {view.picture === null ? words.choose : words.change}
      </Button>
      {view.picture !== null && (
        <Button look="quiet" onClick={() => void group.setPicture(null)}>
          {words.remove}
        </Button>
      )}
    </div>
  );
}
