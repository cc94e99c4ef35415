// A contact's page: who they are, how far they are trusted, and what one can do.
import { useSignal } from '@preact/signals';
import { type Conversation, giveUpChoices } from '../../app/conversation.ts';
import { groupedNumber } from '../../app/format.ts';
import { MAX_NAME_LENGTH } from '../../app/limits.ts';
import { nameOf, trustOf } from '../../app/names.ts';
import type { DirectConversationView } from '../../app/views.ts';
import { Avatar } from '../components/avatar.tsx';
import { Button } from '../components/button.tsx';
import { Page, Section } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { ChevronIcon } from '../icons/icons.tsx';
import { TrustIcon } from '../icons/trust-icon.tsx';
import { useMeetingWords } from '../words.ts';
import { ComparePart } from './compare.tsx';
import { IntroducePart } from './introduce.tsx';
import './contact.css';

interface PartProps {
  readonly view: DirectConversationView;
  readonly conversation: Conversation;
}

function Who({ view }: { readonly view: DirectConversationView }) {
  const { t } = useApp();
  const name = nameOf(view, t);
  const where = view.presence === 'online' && view.route !== 'none' ? ` · ${t.route[view.route]}` : '';
  return (
    <div class="who">
      <Avatar id={view.number || view.id} name={view.name} presence={view.presence} size="large" />
      <p class="who-name" dir="auto">
        {name}
      </p>
      {view.nickname !== '' && view.theirName !== '' && <p class="soft">{t.contact.callsThemselves(view.theirName)}</p>}
      <p>
        <span class="visually-hidden">{t.contact.number} </span>
        <span class="figures">{groupedNumber(view.number)}</span>
      </p>
      <p class="soft">
        {t.presence[view.presence]}
        {where}
      </p>
    </div>
  );
}

function TrustPart({ view }: { readonly view: DirectConversationView }) {
  const { t } = useApp();
  const words = useMeetingWords();
  const verified = view.trust === 'verified';
  return (
    <Section title={t.contact.trust}>
      <div class="trust-words" data-trust={view.trust}>
        <TrustIcon trust={view.trust} size={26} />
        <div>
          <p class="trust-title">{trustOf(view, t)}</p>
          {!verified && view.way === 'link' && <p class="soft">{words.link.trust}</p>}
          {!verified && view.way === 'member' && <p class="soft">{words.memberTrust}</p>}
          <p class="soft">{t.contact.trustWords[view.trust]}</p>
        </div>
      </div>
    </Section>
  );
}

function NicknamePart({ view, conversation }: PartProps) {
  const { t, toasts } = useApp();
  const typed = useSignal<string | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    const nickname = typed.peek();
    if (nickname === null || nickname === view.nickname) return;
    if (await conversation.setNickname(nickname)) {
      typed.value = null;
      toasts.show(t.saved);
    }
  };
  return (
    <form class="field" autocomplete="off" onSubmit={save}>
      <label for="nickname">{t.contact.nickname}</label>
      <div class="field-line">
        <input
          id="nickname"
          class="input"
          data-testid="nickname"
          type="text"
          dir="auto"
          autocomplete="off"
          maxLength={MAX_NAME_LENGTH * 2}
          placeholder={view.theirName}
          aria-describedby="nickname-help"
          value={typed.value ?? view.nickname}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
        <Button type="submit" data-testid="nickname-save">
          {t.save}
        </Button>
      </div>
      <p id="nickname-help" class="help">
        {t.contact.nicknameHelp}
      </p>
    </form>
  );
}

function GiveUpPart({ view, conversation }: PartProps) {
  const { t } = useApp();
  return (
    <div class="field">
      <label for="give-up">{t.contact.giveUp}</label>
      <span class="select">
        <select
          id="give-up"
          class="input"
          data-testid="give-up"
          aria-describedby="give-up-help"
          value={String(view.giveUpAfter)}
          onChange={({ currentTarget }) => void conversation.setGiveUpAfter(Number(currentTarget.value))}
        >
          {(Object.keys(giveUpChoices) as (keyof typeof giveUpChoices)[]).map((choice) => (
            <option
              key={choice}
              value={String(giveUpChoices[choice])}
              selected={giveUpChoices[choice] === view.giveUpAfter}
            >
              {t.contact.giveUpChoices[choice]}
            </option>
          ))}
        </select>
        <ChevronIcon size={18} />
      </span>
      <p id="give-up-help" class="help">
        {t.contact.giveUpHelp}
      </p>
    </div>
  );
}

function Actions({ view, conversation }: PartProps) {
  const app = useApp();
  const { t } = app;
  return (
    <Section title={t.contact.actions}>
      <div class="buttons">
        <Button data-testid="conversation-clear" onClick={() => void app.askAndDo(conversation, 'clear')}>
          {t.contact.clear}
        </Button>
        {view.state === 'blocked' ? (
          <Button data-testid="contact-unblock" onClick={() => void conversation.unblock()}>
            {t.contact.unblock}
          </Button>
        ) : (
          <Button data-testid="contact-block" onClick={() => void app.askAndDo(conversation, 'block')}>
            {t.contact.block}
          </Button>
        )}
        <Button
          look="quiet-danger"
          data-testid="contact-remove"
          onClick={() => void app.askAndDo(conversation, 'remove')}
        >
          {t.contact.remove}
        </Button>
      </div>
    </Section>
  );
}

export function ContactScreen({ id }: { readonly id: string }) {
  const app = useApp();
  const conversation = app.conversation(id);
  const view = conversation.view.value;
  if (view?.kind !== 'direct') return null;
  return (
    <Page title={app.t.contact.title}>
      <Who view={view} />
      <TrustPart view={view} />
      <ComparePart view={view} />
      <IntroducePart view={view} />
      <div class="section">
        <div class="section-body">
          <NicknamePart view={view} conversation={conversation} />
          <GiveUpPart view={view} conversation={conversation} />
        </div>
      </div>
      <Actions view={view} conversation={conversation} />
    </Page>
  );
}
