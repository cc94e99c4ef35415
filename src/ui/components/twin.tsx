// Another device has the same identity: what that means, and the choice. Above every screen, on both devices; loaded when it is needed.
import { backupWords } from '../../app/i18n/backup.ts';
import { useApp } from '../context.ts';
import { Button } from './button.tsx';
import './twin.css';

export function TwinNotice() {
  const app = useApp();
  const { questions } = app;
  const words = backupWords(app.t.locale).twin;
  const twin = app.snapshot.value?.twin;
  if (twin === undefined) return null;
  const held = twin.state === 'held';
  const goOn = async () => {
    if (await questions.ask(held ? words.askHeld : words.askRetired)) app.report(await app.node.goOnHere());
  };
  const erase = async () => {
    if (await questions.ask(words.askErase)) await app.settings.eraseEverything();
  };
  return (
    <section
      class="twin"
      role="alert"
      aria-label={words.region}
      data-testid="twin"
      data-state={twin.state}
      data-here={twin.here}
    >
      <h2>{held ? words.held : words.retired}</h2>
      <p>{held ? words.heldWhy : words.retiredWhy}</p>
      {held && <p>{twin.here ? words.here : words.away}</p>}
      <div class="buttons">
        <Button look={held ? 'primary' : 'plain'} compact data-testid="twin-go-on" onClick={goOn}>
          {held ? words.goOn : words.goOnAfterAll}
        </Button>
        <Button look="quiet-danger" compact data-testid="twin-erase" onClick={erase}>
          {words.erase}
        </Button>
      </div>
    </section>
  );
}
