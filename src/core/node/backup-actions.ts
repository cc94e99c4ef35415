// Taking everything along, and coming back: with a backup, or with words alone.
import { KithError } from '../errors.ts';
import type { KithNode, Result } from '../node-api.ts';
import type { House } from './house.ts';

type BackupActions = Pick<KithNode, 'exportBackup' | 'importBackup' | 'recoveryWords' | 'returnWithWords' | 'goOnHere'>;

export function backupActions(house: House): BackupActions {
  const alone = <T>(work: () => Promise<T>): Promise<Result<T>> => house.attempt(() => house.whole.alone(work));
  const backup = () => import('./backup/run.ts');

  return {
    exportBackup: (passphrase) =>
      alone(async () => ({ blob: await (await backup()).exportEverything(house, passphrase) })),
    importBackup: (file, passphrase) => alone(async () => (await backup()).importEverything(house, file, passphrase)),
    recoveryWords: () =>
      house.attempt(async () => {
        const { identity } = house.profile;
        if (!identity) throw new KithError('internal');
        const { wordsOf } = await import('../identity/recovery-words.ts');
        await house.network?.twin.expect();
        return { words: wordsOf(identity.root) };
      }),
    returnWithWords: (text, name) =>
      alone(async () => {
        const { rootOfWords } = await import('../identity/recovery-words.ts');
        const { nobodyElse, twinWrite } = await import('./twin-record.ts');
        await house.create(name, { root: rootOfWords(text), writes: [twinWrite(nobodyElse)] });
      }),
    goOnHere: () => alone(async () => (await backup()).goOnHere(house)),
  };
}
