// The part of the dictionary that is loaded with the passphrase. Another language is another entry.
import { enLock } from './en-lock.ts';

export type LockWords = typeof enLock;

const languages: Readonly<Record<string, LockWords>> = { en: enLock };

/** @param locale Of the dictionary in use. */
export const lockWords = (locale: string): LockWords => languages[locale] ?? enLock;
