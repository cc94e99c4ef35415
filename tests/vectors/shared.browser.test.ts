// The shared vectors in a real browser. The globs are empty where they are not there. Imported without `?raw`, which the
// development server refuses for files beside the repository; so JSON comes parsed and the text file by its address.
import { sharedVectorSuite } from './suite.ts';

const json = import.meta.glob('../../../shared/vectors/*/*.json', { import: 'default' });
const text = import.meta.glob<string>('../../../shared/vectors/*/*.txt', { import: 'default' });

const files = new Map<string, string>();
for (const [path, load] of Object.entries(json)) files.set(nameOf(path), JSON.stringify(await load()));
for (const [path, load] of Object.entries(text)) files.set(nameOf(path), await (await fetch(await load())).text());

function nameOf(path: string): string {
  return path.split('/vectors/')[1] ?? path;
}

sharedVectorSuite('Chromium', files);
