// Words of the settings: loaded with them, in the language of the rest.
import { type SettingsWords, settingsWords } from '../app/i18n/settings.ts';
import { useApp } from './context.ts';

export const useSettingsWords = (): SettingsWords => settingsWords(useApp().t.locale);
