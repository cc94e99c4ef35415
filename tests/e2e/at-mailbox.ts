// What people do on the screen for pairing over Bluetooth.
import { launchArguments } from '../tools/chromium.ts';
import { expect, type Person } from './people.ts';

export const withRadio = [...launchArguments(), '--enable-features=WebBluetooth'];

export async function start(person: Person): Promise<void> {
  await person.id('pair-tab-bluetooth').click();
  await person.id('bluetooth-start').click();
}

export async function code(person: Person): Promise<string> {
  await expect(person.id('sas-mine')).toHaveAttribute('data-code', /^\d{6}$/);
  return (await person.id('sas-mine').getAttribute('data-code')) ?? '';
}

/** Types into whatever has the focus, as somebody does who looks at the other screen. */
export async function typeCode(person: Person, digits: string, confirm: 'click' | 'Enter' = 'click'): Promise<void> {
  await expect(person.id('sas-theirs')).toBeFocused();
  await person.page.keyboard.type(digits);
  if (confirm === 'Enter') await person.page.keyboard.press('Enter');
  else await person.id('sas-confirm').click();
}

export const onlyContact = (person: Person) => person.id('conversation');
