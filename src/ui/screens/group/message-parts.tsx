// What a message of a group has and one between two has not.
import type { ComponentChildren } from 'preact';
import type { Conversation } from '../../../app/conversation.ts';
import { groupedNumber, hueOf } from '../../../app/format.ts';
import type { Group } from '../../../app/groups/group.ts';
import { partsOf } from '../../../app/groups/mentions.ts';
import type { Message, SystemLine as SystemLineView } from '../../../app/views.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { WarningIcon } from '../../icons/icons.tsx';

/** As many as the avatars have (avatar.css). */
const HUES = 8;

interface PartProps {
  readonly message: Message;
  readonly group: Group;
}

/** Who wrote it, above the first of several. Two of a name are told apart by their numbers. */
export function Author({ message, group }: PartProps) {
  const { t } = useApp();
  const { from, fromId, fromName } = message;
  const number = groupedNumber(from);
  const shared = group.sharedNames.value.has(fromName) && fromName !== '';
  return (
    <p class="author" data-hue={hueOf(from || fromId, HUES)} aria-hidden="true">
      <bdi>{fromName || number || t.list.unnamed}</bdi>
      {shared && <span class="figures">{number}</span>}
    </p>
  );
}

export function SystemLine({ line }: { readonly line: SystemLineView }) {
  const words = useGroupWords().talk;
  return (
    <p class="system" data-testid="system-line" data-what={line.what}>
      {words.system(line)}
    </p>
  );
}

export function GroupGap({ count }: { readonly count: number }) {
  const words = useGroupWords().talk;
  return (
    <p class="gap" data-testid="gap" data-missing={count}>
      {words.gap(count)}
    </p>
  );
}

/** A text with the members that it names. */
export function MentionText({
  message,
  group,
  plain,
}: PartProps & { readonly plain: (text: string) => ComponentChildren }) {
  const me = group.members.value.find((member) => member.me)?.id;
  return (
    <>
      {partsOf(message.text, message.mentions).map(({ text, memberId }, index) =>
        memberId === null ? (
          <span key={index}>{plain(text)}</span>
        ) : (
          <bdi key={index} class="mention" data-testid="mention" data-me={memberId === me}>
            {text}
          </bdi>
        ),
      )}
    </>
  );
}

/** How many have it; a press tells who. */
export function ReceiptsButton({ message, group }: PartProps) {
  const words = useGroupWords().talk;
  const { receipts } = message;
  if (receipts === null) return null;
  return (
    <button
      type="button"
      class="meta-button"
      data-testid="receipts"
      data-delivered={receipts.delivered}
      data-read={receipts.read}
      data-of={receipts.of}
      aria-haspopup="dialog"
      onClick={() => void group.openReceipts(message.id)}
    >
      {message.fileStanding === 'only-here' ? words.onlyHere : words.receipts(receipts)}
    </button>
  );
}

/** In a group a file that did not come whole may come from others; one that is larger than this device takes does not. */
export const isFetchable = ({ fromId, state, attachment }: Message): boolean =>
  fromId !== '' && state !== 'dropped' && attachment?.state === 'failed' && attachment.error !== 'file-too-large';

export function FetchAgain({
  message,
  conversation,
}: Pick<PartProps, 'message'> & { readonly conversation: Conversation }) {
  const words = useGroupWords().talk;
  return (
    <Button compact look="quiet" data-testid="attachment-again" onClick={() => void conversation.retry(message.id)}>
      {words.fetchAgain}
    </Button>
  );
}

/** Why a file that waits may never come. */
export function SenderGone() {
  const words = useGroupWords().talk;
  return (
    <span class="file-why" data-testid="attachment-sender-gone">
      {words.senderGone}
    </span>
  );
}

export function TwoFaced({ message, group }: PartProps) {
  const words = useGroupWords().talk;
  return (
    <button
      type="button"
      class="two-faced"
      data-testid="two-faced"
      aria-haspopup="dialog"
      onClick={() => group.explainTwoFaced(message.id)}
    >
      <WarningIcon size={16} />
      {words.twoFaced}
    </button>
  );
}
