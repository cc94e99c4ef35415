// The part of the composition root that is loaded when somebody wants to pair over Bluetooth: the radio of this tab, and the courier that
// goes to the mailbox with it.
import { bluetoothGap } from './adapters/bluetooth/gap.ts';
import type { BrowserBluetooth } from './adapters/bluetooth/gatt.ts';
import { webBluetooth } from './adapters/bluetooth/web-bluetooth.ts';
import { systemClock } from './adapters/system/clock.ts';
import { consoleLog } from './adapters/system/log.ts';
import { systemRandom } from './adapters/system/random.ts';
import type { MailboxRadio } from './app/platform.ts';
import { MailboxCourier } from './core/node/mailbox-courier.ts';
import type { KithNode } from './core/node-api.ts';

let radio: MailboxRadio | undefined;

/** One for the page: the errands of a pairing go to whoever chose the mailbox. */
export function mailboxRadio(node: KithNode): MailboxRadio {
  radio ??= openRadio(node);
  return radio;
}

function openRadio(node: KithNode): MailboxRadio {
  const { bluetooth: browser } = navigator as Navigator & { bluetooth?: BrowserBluetooth };
  const bluetooth = webBluetooth(browser, systemClock);
  const courier = new MailboxCourier({
    node,
    bluetooth,
    clock: systemClock,
    random: systemRandom,
    log: consoleLog('warn'),
  });
  const { userAgent } = navigator;
  return {
    gap: bluetoothGap({ isSecureContext, userAgent, hasBluetooth: browser !== undefined }),
    start: () => courier.start(),
    goesTo: (mailboxId) => courier.goesTo(mailboxId),
    workshop: async () => (await import('./open-workshop.ts')).openWorkshop(browser),
  };
}
