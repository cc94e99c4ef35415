// The part of the dictionary that is loaded with the screens of groups. Another language is another entry.
import { enGroups } from './en-groups.ts';

export type GroupWords = typeof enGroups;

const languages: Readonly<Record<string, GroupWords>> = { en: enGroups };

/** @param locale Of the dictionary in use. */
export const groupWords = (locale: string): GroupWords => languages[locale] ?? enGroups;
