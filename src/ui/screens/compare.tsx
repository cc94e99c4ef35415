// Comparing with a contact: the safety number to read, its code to scan, and the button that says it was done.
import { useEffect, useMemo } from 'preact/hooks';
import { Compare, codeOf, safetyGroups } from '../../app/meet/compare.ts';
import type { ConversationView } from '../../app/views.ts';
import { PairAlert } from '../components/attempts.tsx';
import { Button } from '../components/button.tsx';
import { Section } from '../components/page.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { Scanning, usePasted, useScan } from '../components/scanning.tsx';
import { useApp } from '../context.ts';
import { useFocusRescue } from '../focus.ts';
import { ShieldIcon } from '../icons/icons.tsx';
import { useMeetingWords } from '../words.ts';
import './compare.css';

/** Twelve groups; a screen reader says every digit of each. */
function SafetyNumber({ digits }: { readonly digits: string }) {
  const words = useMeetingWords().compare;
  return (
    <ol class="safety-number figures" data-testid="safety-number" data-digits={digits} aria-label={words.number}>
      {safetyGroups(digits).map((group, index) => (
        <li key={index}>
          <span aria-hidden="true">{group}</span>
          <span class="visually-hidden">{[...group].join(' ')}</span>
        </li>
      ))}
    </ol>
  );
}

export function ComparePart({ view }: { readonly view: ConversationView }) {
  const { node, questions, toasts } = useApp();
  const words = useMeetingWords().compare;
  const compare = useMemo(
    () => new Compare(node, view.id, () => toasts.show(words.matched)),
    [node, view.id, toasts, words],
  );
  const scan = useScan(compare);
  usePasted(null, scan);
  useEffect(() => void compare.open(), [compare]);
  const verified = view.trust === 'verified';
  useFocusRescue(verified);
  const number = compare.number.value;
  const mark = async () => {
    const { title, body, yes } = words.question;
    if (await questions.ask({ title, body: body(view.name), yes, harmless: true })) await compare.mark();
  };
  return (
    <Section title={words.title}>
      <p class="soft">{words.help(view.name)}</p>
      {number === null ? (
        <p class="safety-none" role="status">
          {compare.error.value === null && words.working}
        </p>
      ) : (
        <div class="safety">
          <SafetyNumber digits={number.digits} />
          <QrCode key={codeOf(number)} text={codeOf(number)} label={words.code} testId="safety-qr" />
        </div>
      )}
      <PairAlert error={scan.error.value ?? compare.error.value} />
      <Scanning scan={scan} start={words.start}>
        {!verified && number !== null && (
          <Button
            look={scan.hasCamera.value === false ? 'primary' : 'plain'}
            data-testid="mark-verified"
            onClick={() => void mark()}
          >
            <ShieldIcon size={18} />
            {words.mark}
          </Button>
        )}
      </Scanning>
      <p class="soft safety-meaning">{words.meaning}</p>
    </Section>
  );
}
