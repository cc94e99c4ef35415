// Adding people to a group: who, and whether they see what was written before. Inviting cannot be undone unseen, so this is a question of
// its own kind, answered by `confirm-yes` or `confirm-no`.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Group } from '../../../app/groups/group.ts';
import { Picking } from '../../../app/groups/picking.ts';
import { Button } from '../../components/button.tsx';
import { Switch } from '../../components/switch.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { AddPersonIcon, WarningIcon } from '../../icons/icons.tsx';
import { Picker } from './picker.tsx';

function Panel({ group, close }: { readonly group: Group; readonly close: () => void }) {
  const app = useApp();
  const words = useGroupWords().add;
  const picking = useMemo(() => new Picking(app.list, group.members), [app, group]);
  const history = useSignal(false);
  const missing = useSignal(false);
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    title.current?.focus();
    app.onTop = close;
    return () => {
      app.onTop = null;
    };
  }, [app, close]);
  const picked = picking.picked.value;
  const submit = async () => {
    missing.value = picked.length === 0;
    if (!missing.peek() && (await group.add(picked, history.peek()))) close();
  };
  return (
    <section class="add-people" aria-labelledby="add-people-title">
      <h3 ref={title} id="add-people-title" tabIndex={-1}>
        {words.title}
      </h3>
      <Picker picking={picking} />
      <Switch
        label={words.history}
        help={history.value ? words.historyOn : words.historyOff}
        on={history.value}
        onChange={(on) => {
          history.value = on;
        }}
        testId="share-history"
      />
      {missing.value && picked.length === 0 && (
        <p class="alert" role="alert">
          <WarningIcon size={20} />
          {words.none}
        </p>
      )}
      <div class="buttons">
        <Button look="primary" data-testid="confirm-yes" onClick={() => void submit()}>
          {words.submit}
        </Button>
        <Button data-testid="confirm-no" onClick={close}>
          {app.t.cancel}
        </Button>
      </div>
    </section>
  );
}

export function AddPeople({ group }: { readonly group: Group }) {
  const words = useGroupWords().add;
  const open = useSignal(false);
  const close = useMemo(
    () => () => {
      open.value = false;
      queueMicrotask(() => document.querySelector<HTMLElement>('[data-testid="member-add"]')?.focus());
    },
    [open],
  );
  if (open.value) return <Panel group={group} close={close} />;
  return (
    <div class="buttons">
      <Button
        data-testid="member-add"
        onClick={() => {
          open.value = true;
        }}
      >
        <AddPersonIcon size={18} />
        {words.open}
      </Button>
    </div>
  );
}
