// Words of the screens on which people meet: loaded with them, in the language of the rest.
import { type MeetingWords, meetingWords } from '../app/i18n/meeting.ts';
import { useApp } from './context.ts';

export const useMeetingWords = (): MeetingWords => meetingWords(useApp().t.locale);
