// The part of the dictionary that is loaded with backups. Another language is another entry.
import { enBackup } from './en-backup.ts';

export type BackupWords = typeof enBackup;

const languages: Readonly<Record<string, BackupWords>> = { en: enBackup };

/** @param locale Of the dictionary in use. */
export const backupWords = (locale: string): BackupWords => languages[locale] ?? enBackup;
