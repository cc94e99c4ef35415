// Looking people up by number, and pages that are lied to about numbers.
import { expect, type Person } from './people.ts';

declare global {
  /** The number that every key seems to have in this page; '' for its own. */
  var kithNumber: string;
}

/** An init script: from `pretend` on the page takes every key's number for another. */
export function gullible(): void {
  globalThis.kithNumber = '';
  globalThis.Worker = class extends Worker {
    override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null): void {
      const lied = (event: Event) => {
        const { data } = event as MessageEvent;
        const isNumber = globalThis.kithNumber !== '' && /^\d{15}$/.test(data?.result);
        const told = isNumber ? { ...data, result: globalThis.kithNumber } : data;
        (listener as EventListener)(type === 'message' ? new MessageEvent(type, { data: told }) : event);
      };
      super.addEventListener(type, lied);
    }
  };
}

export const pretend = ({ page }: Person, number: string): Promise<void> =>
  page.evaluate((claimed) => {
    globalThis.kithNumber = claimed;
  }, number);

/** The switch "May be found by number". */
export async function beFound(person: Person, on: boolean): Promise<void> {
  await person.id('settings').click();
  const found = person.id('discoverable');
  if ((await found.getAttribute('aria-checked')) !== String(on)) await found.click();
  await expect(found).toHaveAttribute('aria-checked', String(on));
}

/** Looks the number up: 'asked' when somebody was found and asked, else the code of what went wrong. */
export async function lookUp(person: Person, number: string): Promise<string> {
  await person.id('add-contact').click();
  await person.id('pair-tab-number').click();
  await person.id('their-number').fill(number);
  await person.id('number-submit').click();
  // The attempt may be over, and a contact, before anybody looks; the field is emptied when somebody was asked, and stays so.
  const outcome = async () => {
    if ((await person.id('their-number').inputValue()) === '') return 'asked';
    const [error] = await person.id('pair-error').all();
    return error?.getAttribute('data-code');
  };
  // Argon2id, a search and a call, on a machine that others use too.
  await expect.poll(outcome, { timeout: 60_000 }).toBeTruthy();
  return (await outcome()) ?? '';
}
