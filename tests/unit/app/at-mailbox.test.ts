// Pairing over a Bluetooth mailbox, as its screen sees it.
import { describe, expect, it } from 'vitest';
import { enMeeting } from '../../../src/app/i18n/en-meeting.ts';
import { AtMailbox } from '../../../src/app/meet/at-mailbox.ts';
import type { MailboxView } from '../../../src/core/node-api.ts';
import { settled, startApp } from './harness.ts';

const view = (state: MailboxView['state'], more: Partial<MailboxView> = {}): { readonly mailbox: MailboxView } => ({
  mailbox: {
    id: 'mailbox-1',
    state,
    code: null,
    triesLeft: null,
    kind: null,
    confirmed: false,
    conversationId: null,
    ...more,
  },
});
const comparing = view('comparing', { code: '123456', triesLeft: 3 });

async function opened() {
  const { app, node, platform } = await startApp();
  const at = new AtMailbox(node, platform, app.snapshot);
  await at.open();
  return { app, at, node, radio: platform.waves };
}

describe('choosing the mailbox', () => {
  it('begins there, once however often it is clicked', async () => {
    const { at, radio } = await opened();
    await Promise.all([at.start(), at.start()]);
    expect(radio.chosen).toEqual(['mailbox-1']);
    expect(at.error.value).toBeNull();
  });

  it.each(['bluetooth-cancelled', 'bluetooth-off', 'bluetooth-denied', 'mailbox-elsewhere'] as const)(
    'says %s, until it is tried again',
    async (kind) => {
      const { at, radio } = await opened();
      radio.refusal = kind;
      await at.start();
      expect(at.error.value?.kind).toBe(kind);
      let close = () => {};
      radio.list = new Promise((resolve) => {
        close = resolve;
      });
      const again = at.start();
      expect([at.choosing.value, at.error.value]).toEqual([true, null]);
      close();
      await again;
      expect([at.choosing.value, at.error.value?.kind]).toEqual([false, kind]);
    },
  );

  it('after the screen was left begins nothing', async () => {
    const { at, node, radio } = await opened();
    let choose = () => {};
    radio.list = new Promise((resolve) => {
      choose = resolve;
    });
    const start = at.start();
    at.close();
    choose();
    await start;
    expect(node.calls.at(-1)).toEqual(['cancelMailbox', 'mailbox-1']);
  });
});

describe('the code of the other screen', () => {
  it('that is wrong is said and goes; the next attempt begins without the alert', async () => {
    const { at, node } = await opened();
    node.change(comparing);
    node.answers.set('enterMailboxCode', { ok: false, kind: 'code-wrong', detail: { limit: 2 } });
    at.type('111 111');
    await at.enter();
    expect(node.calls.at(-1)).toEqual(['enterMailboxCode', 'mailbox-1', '111 111']);
    expect(at.error.value).toMatchObject({ kind: 'code-wrong', detail: { limit: 2 } });
    expect(at.typed.value).toBe('');
    node.answers.clear();
    at.type('654321');
    const entered = at.enter();
    expect(at.error.value).toBeNull();
    await entered;
    expect(at.error.value).toBeNull();
  });

  it('that is not whole stays to be completed', async () => {
    const { at, node } = await opened();
    node.change(comparing);
    node.answers.set('enterMailboxCode', { ok: false, kind: 'code-digits', detail: {} });
    at.type('123');
    await at.enter();
    expect([at.error.value?.kind, at.typed.value]).toEqual(['code-digits', '123']);
  });

  it('says nothing under another code: what was typed and refused goes with the old one', async () => {
    const { at, node } = await opened();
    node.change(comparing);
    node.answers.set('enterMailboxCode', { ok: false, kind: 'code-digits', detail: {} });
    at.type('123');
    await at.enter();
    node.change(view('comparing', { code: '777777', triesLeft: 3 }));
    expect([at.error.value, at.typed.value]).toEqual([null, '']);
  });
});

describe('when it ends', () => {
  it('says why, and begins again without choosing anew where the mailbox was chosen here', async () => {
    const { at, node } = await opened();
    await at.start();
    node.change(view('failed', { kind: 'mailbox-expired' }));
    expect(at.error.value?.kind).toBe('mailbox-expired');
    expect(at.canRepeat()).toBe(true);
    await at.startOver();
    expect(node.calls.at(-1)).toEqual(['startMailboxOver', 'mailbox-1']);
    node.change(view('failed', { id: 'of another tab', kind: 'mailbox-nobody' }));
    expect(at.canRepeat()).toBe(false);
  });

  it('a failure is told on every other screen', async () => {
    const { app, node } = await opened();
    node.change(view('failed', { kind: 'mailbox-tampered' }));
    expect(app.notices.shown.value).toEqual([{ id: 'pairing', kind: 'mailbox-tampered', attemptId: 'mailbox-1' }]);
  });
});

describe('leaving the screen', () => {
  it('gives up what was begun here, and leaves alone what another tab does', async () => {
    const { at, node } = await opened();
    node.change(view('waiting', { id: 'of another tab' }));
    at.close();
    expect(node.calls.filter(([name]) => name === 'cancelMailbox')).toEqual([]);
    await at.start();
    node.change(view('waiting'));
    at.close();
    await settled();
    expect(node.calls.at(-1)).toEqual(['cancelMailbox', 'mailbox-1']);
  });
});

it('every state and every gap has a sentence', () => {
  const { state, gap } = enMeeting.mailbox;
  for (const words of [...Object.values(state), ...Object.values(gap)]) expect(words).toMatch(/[.…]$/);
});
