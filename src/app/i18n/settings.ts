// The part of the dictionary that is loaded with the settings. Another language is another entry.
import { enSettings } from './en-settings.ts';

export type SettingsWords = typeof enSettings;

const languages: Readonly<Record<string, SettingsWords>> = { en: enSettings };

/** @param locale Of the dictionary in use. */
export const settingsWords = (locale: string): SettingsWords => languages[locale] ?? enSettings;
