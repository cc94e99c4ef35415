// The part of the composition root that is loaded when somebody wants to make a gadget a mailbox.
import type { BrowserBluetooth } from './adapters/bluetooth/gatt.ts';
import { webUarts } from './adapters/bluetooth/web-uart.ts';
import { systemClock } from './adapters/system/clock.ts';
import { consoleLog } from './adapters/system/log.ts';
import { systemRandom } from './adapters/system/random.ts';
import { gadgetWorkshop } from './core/pairing/espruino/workshop.ts';
import type { Workshop } from './core/ports/workshop.ts';

/** The very file that the page about mailboxes offers. */
const PROGRAM = 'mailbox/espruino.js';

export const openWorkshop = (browser: BrowserBluetooth | undefined): Workshop =>
  gadgetWorkshop({
    uarts: webUarts(browser, systemClock),
    clock: systemClock,
    random: systemRandom,
    log: consoleLog('warn'),
    program: async () => {
      const found = await fetch(PROGRAM);
      // A host that answers everything with its front page is no program.
      const text = found.ok ? await found.text() : '';
      if (!text.includes('NRF.setServices')) throw new Error(`no program: ${found.status}`);
      return text;
    },
  });
