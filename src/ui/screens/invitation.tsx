// An invitation link was opened: to whom it leads, what it proves and what not, and one button. Nothing is taken or told before that.
import { useEffect, useMemo } from 'preact/hooks';
import { Invited } from '../../app/meet/invited.ts';
import { PairAlert } from '../components/attempts.tsx';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { useApp } from '../context.ts';
import { focusContent, useFocusRescue } from '../focus.ts';
import { ShieldOpenIcon } from '../icons/icons.tsx';
import { useMeetingWords } from '../words.ts';
import './add-contact.css';
import './invitation.css';

interface Part {
  readonly invited: Invited;
}

/** From here to the screen on which one waits for them, or sends a link of one's own. */
function useAddContact(): () => void {
  const { invitation, navigation, pairing } = useApp();
  return () => {
    pairing.choose('text');
    navigation.replace({ name: 'add-contact' });
    invitation.value = null;
  };
}

function Question({ invited }: Part) {
  const { invitation } = useApp();
  const words = useMeetingWords().link.invited;
  const goOn = useAddContact();
  const view = invited.view.value;
  if (view === null) return null;
  const add = async () => {
    if (await invited.take()) goOn();
  };
  return (
    <section class="meet" aria-labelledby="invited-title">
      <h2 id="invited-title">{view.knownAs === null ? words.heading : words.known(view.knownAs)}</h2>
      {view.knownAs !== null && <p>{view.blocked ? words.blocked : words.renews}</p>}
      <p>{words.lead}</p>
      <div class="invited-trust">
        <ShieldOpenIcon size={26} />
        <p>{words.trust}</p>
      </div>
      <div class="buttons">
        <Button
          look="primary"
          data-testid="link-accept"
          aria-disabled={!invited.ready.value}
          onClick={() => void add()}
        >
          {words.add}
        </Button>
        <Button
          data-testid="link-refuse"
          onClick={() => {
            invitation.value = null;
          }}
        >
          {words.no}
        </Button>
      </div>
    </section>
  );
}

function Unusable({ invited }: Part) {
  const { t, invitation } = useApp();
  const words = useMeetingWords().link.invited;
  const goOn = useAddContact();
  const error = invited.error.value;
  if (error === null) return null;
  return (
    <section class="meet" aria-labelledby="invited-title">
      <h2 id="invited-title">{words.unusable}</h2>
      <PairAlert error={error} />
      <div class="buttons">
        <Button look="primary" data-testid="link-mine" onClick={goOn}>
          {words.mine}
        </Button>
        <Button
          data-testid="link-refuse"
          onClick={() => {
            invitation.value = null;
          }}
        >
          {t.close}
        </Button>
      </div>
    </section>
  );
}

function Opened({ fragment }: { readonly fragment: string }) {
  const { node, platform, looking } = useApp();
  const words = useMeetingWords().link.invited;
  const invited = useMemo(() => new Invited(node, platform, looking, fragment), [node, platform, looking, fragment]);
  useEffect(() => invited.open(), [invited]);
  // After the first screen, and after a link that took the place of another, nothing has the focus.
  useEffect(focusContent, [invited]);
  useFocusRescue(invited.error.value);
  const reading = invited.view.value === null && invited.error.value === null;
  return (
    <Page title={words.title}>
      <p role="status" class={reading ? 'soft' : 'visually-hidden'}>
        {reading && words.reading}
      </p>
      <Question invited={invited} />
      <Unusable invited={invited} />
    </Page>
  );
}

export function InvitationScreen() {
  const { invitation } = useApp();
  const fragment = invitation.value;
  // The next link is another question, and is read anew.
  return fragment === null ? null : <Opened key={fragment} fragment={fragment} />;
}
