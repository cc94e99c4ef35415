// Saving a backup, opening one, and the words, as the screens have them.
import { describe, expect, it } from 'vitest';
import { Backup } from '../../../src/app/backup/backup.ts';
import { emptySnapshot } from '../../fixtures/fake-node.ts';
import { settled, startApp } from './harness.ts';

const file = new File(['a backup'], 'kith.kithbackup');
/** A page after one that left this. */
const openAfter = (news: string) =>
  startApp(undefined, (_, platform) => {
    platform.left = news;
  });
const fresh = { ...emptySnapshot, identity: null };

describe('a backup', () => {
  it('is saved under the passphrase that is typed, which is then forgotten', async () => {
    const { app, node, platform } = await startApp();
    const backup = new Backup(app);
    backup.type('seven geese');
    expect(await backup.save()).toBe(true);
    expect(node.called('exportBackup')).toEqual([['exportBackup', 'seven geese']]);
    expect(platform.downloads).toEqual([expect.stringMatching(/^kith-\d{4}-\d\d-\d\d\.kithbackup$/)]);
    expect(backup.passphrase.value).toBe('');
  });

  it('says why it was not saved, until something else is typed', async () => {
    const { app, node } = await startApp();
    const backup = new Backup(app);
    node.answers.set('exportBackup', { ok: false, kind: 'backup-passphrase-empty', detail: {} });
    expect(await backup.save()).toBe(false);
    expect(backup.problem.value?.kind).toBe('backup-passphrase-empty');
    backup.type('s');
    expect(backup.problem.value).toBeNull();
  });

  it('on a fresh profile is opened at once when passphrase and file are there, in either order', async () => {
    const { app, node } = await startApp(fresh);
    const first = new Backup(app);
    first.type('seven geese');
    expect(first.choose(file)).toBe(true);
    await settled();
    const second = new Backup(app);
    expect(second.choose(file)).toBe(false);
    second.type('seven geese');
    await second.open();
    expect(node.called('importBackup')).toEqual([
      ['importBackup', file, 'seven geese'],
      ['importBackup', file, 'seven geese'],
    ]);
  });

  it('a passphrase that did not open one is not tried with the next by itself', async () => {
    const { app, node } = await startApp(fresh);
    const backup = new Backup(app);
    node.answers.set('importBackup', { ok: false, kind: 'backup-passphrase', detail: {} });
    backup.type('seven ducks');
    backup.choose(file);
    await settled();
    expect(backup.problem.value?.kind).toBe('backup-passphrase');
    expect(backup.choose(file)).toBe(false);
    expect(node.called('importBackup')).toHaveLength(1);
  });

  it('over an identity it asks first; no is no', async () => {
    const { app, node } = await startApp();
    const backup = new Backup(app);
    backup.type('seven geese');
    backup.choose(file);
    await settled();
    app.questions.open.value?.answer(false);
    await settled();
    expect(node.called('importBackup')).toEqual([]);
    const opening = backup.open();
    app.questions.open.value?.answer(true);
    expect(await opening).toBe(true);
    expect(node.called('importBackup')).toHaveLength(1);
  });

  it('when everything is another’s, the page opens anew', async () => {
    const { node, platform } = await startApp();
    node.emit({ type: 'replaced' });
    expect(platform.reloads).toBe(1);
    expect(platform.left).toBe('');
  });

  it('when an import failed before anything was touched, the page that opens anew says so', async () => {
    const first = await startApp();
    first.node.emit({ type: 'replaced', untouched: 'disk-full' });
    expect(first.platform.reloads).toBe(1);
    const { app, platform } = await openAfter(first.platform.left);
    expect(app.notices.shown.value).toEqual([{ id: 'import', kind: 'disk-full' }]);
    expect(app.t.notices.importFailed('Why.')).toBe('The backup did not come in. Why. Nothing was changed.');
    expect(platform.left).toBe('');
  });

  it('news that no page of Kith left are not shown', async () => {
    const { app } = await openAfter('toString');
    expect(app.notices.shown.value).toEqual([]);
  });

  it('words are shown until they are hidden', async () => {
    const { app } = await startApp();
    const backup = new Backup(app);
    await backup.showWords();
    expect(backup.shown.value).toHaveLength(24);
    backup.hideWords();
    expect(backup.shown.value).toBeNull();
  });

  it('coming back with words says which one is wrong', async () => {
    const { app, node } = await startApp(fresh);
    const backup = new Backup(app);
    node.answers.set('returnWithWords', { ok: false, kind: 'word-unknown', detail: { position: 6 } });
    expect(await backup.comeBack('a b c', 'Ana')).toBe(false);
    const problem = backup.problem.value;
    expect(problem && app.t.errors[problem.kind](problem.detail)).not.toBe('');
    expect(problem).toEqual({ kind: 'word-unknown', detail: { position: 6 } });
  });
});
