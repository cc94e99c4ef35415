// Taking everything along and coming back, for the screens on which that happens. Made by whoever shows them: the first screen has no
// need of it.
import { signal } from '@preact/signals';
import type { ErrorDetail, ErrorKind } from '../../core/errors.ts';
import type { Result } from '../../core/node-api.ts';
import { type BackupWords, backupWords } from '../i18n/backup.ts';
import type { App } from '../kith.ts';

export interface Problem {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;
}

const failed = (): Result<never> => ({ ok: false, kind: 'internal', detail: {} });

export class Backup {
  readonly words: BackupWords;
  /** What is typed. */
  readonly passphrase = signal('');
  /** The backup that was chosen and waits for its passphrase. */
  readonly file = signal<File | null>(null);
  readonly busy = signal<'saving' | 'opening' | 'returning' | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** The recovery words, while they are shown. */
  readonly shown = signal<readonly string[] | null>(null);

  /** What is typed did not open a backup: it is not tried with another by itself. */
  #refused = false;

  constructor(private readonly app: App) {
    this.words = backupWords(app.t.locale);
  }

  type(passphrase: string): void {
    this.#refused = false;
    this.passphrase.value = passphrase;
    this.problem.value = null;
  }

  /** Saves everything under the passphrase that is typed. Resolves to whether it was saved. */
  save(): Promise<boolean> {
    return this.#do('saving', async () => {
      const made = await this.app.node.exportBackup(this.passphrase.peek());
      if (made.ok) {
        const day = new Date(this.app.platform.now()).toISOString().slice(0, 10);
        this.app.platform.download(made.value.blob, this.words.fileName(day));
        this.passphrase.value = '';
        this.app.toasts.show(this.words.saved);
      }
      return made;
    });
  }

  /** A backup is chosen; it is opened at once when its passphrase is there already. False: the passphrase is wanted next. */
  choose(file: File): boolean {
    this.file.value = file;
    this.problem.value = null;
    if (this.passphrase.peek() === '' || this.#refused) return false;
    void this.open();
    return true;
  }

  /** Brings the chosen backup in, after a question where something would go for it. Then the page begins anew. */
  async open(): Promise<boolean> {
    const file = this.file.peek();
    if (file === null) return false;
    const somebody = this.app.snapshot.peek()?.identity != null;
    if (somebody && this.passphrase.peek() !== '' && !(await this.app.questions.ask(this.words.replace))) return false;
    const opened = await this.#do('opening', () => this.app.node.importBackup(file, this.passphrase.peek()));
    this.#refused = !opened;
    return opened;
  }

  /** An identity of words alone. */
  comeBack(words: string, name: string): Promise<boolean> {
    return this.#do('returning', () => this.app.node.returnWithWords(words, name));
  }

  async showWords(): Promise<void> {
    const told = await this.app.node.recoveryWords().catch(failed);
    if (told.ok) this.shown.value = told.value.words;
    else this.app.report(told);
  }

  hideWords(): void {
    this.shown.value = null;
  }

  async #do(what: 'saving' | 'opening' | 'returning', work: () => Promise<Result<unknown>>): Promise<boolean> {
    if (this.busy.peek() !== null) return false;
    this.problem.value = null;
    this.busy.value = what;
    const done = await work().catch(failed);
    this.busy.value = null;
    if (!done.ok) this.problem.value = { kind: done.kind, detail: done.detail };
    return done.ok;
  }
}
