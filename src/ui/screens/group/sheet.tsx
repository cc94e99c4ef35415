// What lies over the messages of a group: who has one of mine, and what is wrong with one of somebody's.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../../app/conversation.ts';
import type { Group } from '../../../app/groups/group.ts';
import type { MemberReceipt, Message, ReceiptCounts } from '../../../app/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { IconButton } from '../../components/button.tsx';
import { useApp } from '../../context.ts';
import { useGroupWords } from '../../group-words.ts';
import { ClockIcon, CloseIcon, ReadIcon, TicksIcon, WarningIcon } from '../../icons/icons.tsx';
import './sheet.css';

const icons = { read: ReadIcon, delivered: TicksIcon, waiting: ClockIcon, dropped: WarningIcon } as const;
const order = ['read', 'delivered', 'waiting', 'dropped'] as const;

interface FrameProps {
  readonly title: string;
  /** What was pressed: the focus goes back there. */
  readonly opener: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** Escape closes it. */
function Frame({ title, opener, close, children }: FrameProps) {
  const app = useApp();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>('button')?.focus();
    app.onTop = close;
    return () => {
      app.onTop = null;
      document.querySelector<HTMLElement>(opener)?.focus();
    };
  }, [app, opener, close]);
  return (
    <div class="sheet-place">
      <button type="button" class="sheet-around" tabIndex={-1} aria-hidden="true" onClick={close} />
      <div ref={box} class="sheet" role="dialog" aria-modal="true" aria-labelledby="sheet-title">
        <div class="sheet-head">
          <h2 id="sheet-title">{title}</h2>
          <IconButton label={app.t.close} onClick={close}>
            <CloseIcon />
          </IconButton>
        </div>
        {children}
      </div>
    </div>
  );
}

function Line({ receipt, group }: { readonly receipt: MemberReceipt; readonly group: Group }) {
  const { t } = useApp();
  const words = useGroupWords().talk;
  const { id, name, state, reason } = receipt;
  const Icon = icons[state];
  const why = reason === null ? '' : t.dropReason(reason);
  // The face keeps the colour that it has everywhere.
  const number = group.members.value.find((member) => member.id === id)?.number || id;
  return (
    <li class="receipt" data-testid="receipt" data-state={state}>
      <Avatar id={number} name={name} size="small" />
      <span class="receipt-words">
        <bdi class="receipt-name">{name || t.list.unnamed}</bdi>
        <span class="receipt-state">
          {words.receiptStates[state]}
          {why !== '' && `: ${why}`}
        </span>
      </span>
      <span class="receipt-sign" data-sign={state}>
        <Icon size={18} />
      </span>
    </li>
  );
}

interface ReceiptsProps {
  readonly group: Group;
  readonly counts: ReceiptCounts | null;
  /** null: it brings no file. */
  readonly file: 'only-here' | 'elsewhere' | 'unknown' | null;
}

function ofFile({ attachment, fileStanding, state, receipts }: Message): ReceiptsProps['file'] {
  if (attachment === null) return null;
  if (fileStanding === 'only-here') return 'only-here';
  return state === 'sent' || !receipts?.of ? 'unknown' : 'elsewhere';
}

function Receipts({ group, counts, file }: ReceiptsProps) {
  const words = useGroupWords().talk;
  const list = group.receipts.value;
  useEffect(() => void group.refreshReceipts(), [group, counts?.delivered, counts?.read, counts?.of]);
  if (list === null) return <p role="status">{words.receiptsWaiting}</p>;
  const sorted = [...list].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.name < b.name ? -1 : 1),
  );
  return (
    <>
      {counts !== null && <p>{words.receipts(counts)}</p>}
      <ul class="receipt-list">
        {sorted.map((receipt) => (
          <Line key={receipt.id} receipt={receipt} group={group} />
        ))}
      </ul>
      {file && (
        <p class="sheet-help">
          {words.receiptsOfFile} {file === 'only-here' && words.receiptsOnlyHere}
          {file === 'elsewhere' && words.receiptsElsewhere}
        </p>
      )}
      <p class="soft sheet-help">{words.receiptsHelp}</p>
    </>
  );
}

export function Sheet({ group, conversation }: { readonly group: Group; readonly conversation: Conversation }) {
  const words = useGroupWords().talk;
  const sheet = group.sheet.value;
  const message = conversation.cache.messages.value.find(({ id }) => id === sheet?.messageId);
  if (sheet === null || message === undefined) return null;
  const { close } = group;
  const opener = `[data-id="${CSS.escape(message.id)}"] [data-testid="${sheet.kind}"]`;
  if (sheet.kind === 'receipts') {
    return (
      <Frame title={words.receiptsTitle} opener={opener} close={close}>
        <Receipts group={group} counts={message.receipts} file={ofFile(message)} />
      </Frame>
    );
  }
  return (
    <Frame title={words.twoFacedTitle(message.fromName)} opener={opener} close={close}>
      <p>{words.twoFacedBody(message.fromName)}</p>
    </Frame>
  );
}
