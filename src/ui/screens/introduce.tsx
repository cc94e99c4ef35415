// The part of a contact's page where one introduces them to another contact, and sees what is under way.
import { useSignal } from '@preact/signals';
import { groupedNumber } from '../../app/format.ts';
import { candidatesFor, givenWith, introduce } from '../../app/introductions.ts';
import { nameOf } from '../../app/names.ts';
import type { DirectConversationView, GivenIntroduction } from '../../app/views.ts';
import { Avatar } from '../components/avatar.tsx';
import { Button } from '../components/button.tsx';
import { WaitingIntroductions } from '../components/introductions-waiting.tsx';
import { Section } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { AddPersonIcon } from '../icons/icons.tsx';
import { useMeetingWords } from '../words.ts';
import './introduce.css';

interface PartProps {
  readonly view: DirectConversationView;
}

const useWords = () => useMeetingWords().introduction.make;

function People({ view, done }: PartProps & { readonly done: () => void }) {
  const app = useApp();
  const { t } = app;
  const words = useWords();
  const { verified, unverified } = candidatesFor(app.snapshot.value, view.id);
  const name = nameOf(view, t);
  const pick = async (other: DirectConversationView) => {
    if (await introduce(app, words, view, other)) done();
  };
  return (
    <div id="introduce-people" class="introduce-people">
      {verified.length > 0 && (
        <ul aria-label={words.people(name)}>
          {verified.map((other) => (
            <li key={other.id}>
              <button
                type="button"
                class="introduce-pick"
                data-testid="introduce-pick"
                data-number={other.number}
                aria-label={`${words.pick(name, nameOf(other, t))}, ${groupedNumber(other.number)}`}
                onClick={() => void pick(other)}
              >
                <Avatar id={other.number || other.id} name={other.name} size="small" />
                <span class="introduce-words">
                  <span class="introduce-name" dir="auto">
                    {nameOf(other, t)}
                  </span>
                  <span class="soft figures">{groupedNumber(other.number)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {verified.length === 0 && <p>{words.nobody}</p>}
      {verified.length > 0 && unverified > 0 && <p class="soft">{words.others(unverified)}</p>}
    </div>
  );
}

function GivenLine({ view, given }: PartProps & { readonly given: GivenIntroduction }) {
  const app = useApp();
  const words = useWords();
  const nameById = (id: string) => {
    const found = app.list.value.find((each) => each.id === id);
    return found ? nameOf(found, app.t) : '';
  };
  const otherId = given.conversationIds.find((id) => id !== view.id) ?? '';
  const other = nameById(otherId);
  const missing = given.conversationIds.filter((_, index) => !given.delivered[index]);
  const withdraw = async () => app.report(await app.node.withdrawIntroduction(given.id));
  return (
    <li class="attempt" data-testid="introduction-given" data-delivered={2 - missing.length}>
      <span class="attempt-words">
        <span>{words.to(other)}</span>
        <span class="soft">
          {missing.length === 0 ? words.delivered(given.endsAt) : words.undelivered(missing.map(nameById))}
        </span>
      </span>
      <Button
        compact
        data-testid="introduction-withdraw"
        aria-label={words.withdrawNamed(other)}
        onClick={() => void withdraw()}
      >
        {words.withdraw}
      </Button>
    </li>
  );
}

function Given({ view }: PartProps) {
  const { snapshot } = useApp();
  const words = useWords();
  const given = givenWith(snapshot.value, view.id);
  return (
    <div role="status">
      {given.length > 0 && (
        <ul class="attempts" aria-label={words.given}>
          {given.map((one) => (
            <GivenLine key={one.id} view={view} given={one} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** Somebody who takes nothing from me cannot be introduced; whom I have not checked I could not vouch for. */
function Make({ view }: PartProps) {
  const { t } = useApp();
  const words = useWords();
  const open = useSignal(false);
  const name = nameOf(view, t);
  if (view.trust !== 'verified') return <p class="soft">{words.mustVerify(name)}</p>;
  return (
    <>
      <p class="soft">{words.help(name)}</p>
      <div class="buttons">
        <Button
          data-testid="introduce"
          aria-expanded={open.value}
          aria-controls={open.value ? 'introduce-people' : undefined}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <AddPersonIcon size={18} />
          {words.start}
        </Button>
      </div>
      {open.value && (
        <People
          view={view}
          done={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}

export function IntroducePart({ view }: PartProps) {
  const words = useWords();
  if (view.state !== 'active') return null;
  return (
    <Section title={words.title}>
      <Make view={view} />
      <Given view={view} />
      <WaitingIntroductions by={view.id} />
    </Section>
  );
}
