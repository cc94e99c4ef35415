// The part of the dictionary that is loaded with the screen on which a gadget is made a mailbox. Another language is another entry.
import { gadgetWords as en } from './en-gadget.ts';

export type GadgetWords = typeof en;

const languages: Readonly<Record<string, GadgetWords>> = { en };

/** @param locale Of the dictionary in use. */
export const gadgetWords = (locale: string): GadgetWords => languages[locale] ?? en;
