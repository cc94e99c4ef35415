// The ways out of a group: leave it, clear it, delete it from this device. The only admin is asked who follows.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { groupedNumber } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import type { Group as GroupView } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { ChevronIcon } from '../../icons/icons.tsx';

/** Instead of the usual question, because it has an answer to give. */
function LastAdmin({ group, close }: { readonly group: Group; readonly close: () => void }) {
  const app = useApp();
  const words = useGroupWords().ask;
  const others = group.members.value.filter(({ me, state }) => !me && state === 'joined');
  const successor = useSignal(others[0]?.id ?? '');
  const title = useRef<HTMLHeadingElement>(null);
  const unreached = group.view.value?.unreached ?? 0;
  useLayoutEffect(() => {
    title.current?.focus();
    app.onTop = close;
    return () => {
      app.onTop = null;
    };
  }, [app, close]);
  const leave = async () => {
    if (await group.leave(successor.peek() || undefined)) close();
  };
  return (
    <section class="group-orphan" aria-labelledby="orphan-title">
      <h3 ref={title} id="orphan-title" tabIndex={-1}>
        {words.orphan.title}
      </h3>
      <p>{words.orphan.body}</p>
      {unreached > 0 && <p>{words.leave.unreached(unreached)}</p>}
      <p class="soft">{words.leave.body}</p>
      <div class="field">
        <label for="successor">{words.orphan.field}</label>
        <span class="select">
          <select
            id="successor"
            class="input"
            data-testid="group-successor"
            value={successor.value}
            onChange={({ currentTarget }) => {
              successor.value = currentTarget.value;
            }}
          >
            {others.map(({ id, name, number }) => (
              <option key={id} value={id} selected={id === successor.value}>
                {[name, groupedNumber(number)].filter((part) => part !== '').join(' · ')}
              </option>
            ))}
            <option value="">{words.orphan.nobody}</option>
          </select>
          <ChevronIcon size={18} />
        </span>
      </div>
      <div class="buttons">
        <Button data-testid="confirm-no" onClick={close}>
          {app.t.cancel}
        </Button>
        <Button look="danger" data-testid="confirm-yes" onClick={() => void leave()}>
          {words.orphan.yes}
        </Button>
      </div>
    </section>
  );
}

export function Leaving({ group, view }: { readonly group: Group; readonly view: GroupView }) {
  const app = useApp();
  const words = useGroupWords();
  const asking = useSignal(false);
  const active = view.standing === 'active';
  const close = useMemo(
    () => () => {
      asking.value = false;
      queueMicrotask(() => document.querySelector<HTMLElement>('[data-testid="group-leave"]')?.focus());
    },
    [asking],
  );
  if (asking.value && active) return <LastAdmin group={group} close={close} />;

  /** With what would reach nobody. */
  const ask = ({ title, body, yes }: { readonly title: string; readonly body: string; readonly yes: string }) => {
    const unreached = group.view.peek()?.unreached ?? 0;
    const more = unreached > 0 ? `${words.ask.leave.unreached(unreached)} ` : '';
    return { title, body: `${more}${body}`, yes };
  };
  const leave = async () => {
    if (group.wouldOrphan.peek()) asking.value = true;
    else if (await app.questions.ask(ask(words.ask.leave))) await group.leave();
  };
  const remove = async () => {
    const { title, body, bodyMember, yes } = words.ask.delete;
    // Who would leave a group without an admin is asked about that first.
    if (active && group.wouldOrphan.peek()) asking.value = true;
    else if (await app.questions.ask(active ? ask({ title, body: bodyMember, yes }) : { title, body, yes }))
      await group.delete();
  };
  return (
    <div class="buttons">
      {active && (
        <Button look="quiet-danger" data-testid="group-leave" onClick={() => void leave()}>
          {words.page.leave}
        </Button>
      )}
      <Button look="quiet-danger" data-testid="group-delete" onClick={() => void remove()}>
        {words.page.delete}
      </Button>
    </div>
  );
}
