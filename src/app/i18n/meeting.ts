// The part of the dictionary that is loaded with the screens on which people meet. Another language is another entry.
import { enMeeting } from './en-meeting.ts';

export type MeetingWords = typeof enMeeting;

const languages: Readonly<Record<string, MeetingWords>> = { en: enMeeting };

/** @param locale Of the dictionary in use. */
export const meetingWords = (locale: string): MeetingWords => languages[locale] ?? enMeeting;
