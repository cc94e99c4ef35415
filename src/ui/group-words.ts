// Words of the screens of groups: loaded with them, in the language of the rest.
import { type GroupWords, groupWords } from '../app/i18n/groups.ts';
import { useApp } from './context.ts';

export const useGroupWords = (): GroupWords => groupWords(useApp().t.locale);
