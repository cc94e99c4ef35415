// JavaScript that the first screen needs: the module script of the built index.html, the node (without it there is no
// identity to show or to ask for), and everything the two import statically. Read from the build's own manifest and
// compared with what index.html names, so that a changed layout fails loudly instead of measuring the wrong files.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('node_modules/.cache/kith/manifest.json', 'utf8'));
const html = readFileSync('dist/index.html', 'utf8');

/** Files of a chunk and of its static imports. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build manifest has no "${key}".`);
  if (!seen.has(chunk.file)) {
    seen.add(chunk.file);
    for (const imported of chunk.imports ?? []) closure(imported, seen);
  }
  return seen;
}

const atOnce = [...closure('index.html')].sort();
const needed = [...closure('src/local-node.ts', closure('index.html'))].sort();
const named = [...html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="\.\/([^"]+\.js)"/g)]
  .map(([, file]) => file)
  .sort();
if (JSON.stringify(atOnce) !== JSON.stringify(named)) {
  throw new Error(`index.html loads ${named.join(', ')}, the build manifest says ${atOnce.join(', ')}.`);
}

// Loaded behind the first screen: the overlay with the library in it, what ties it to a node, and what they alone import.
const talking = closure('src/core/node/network.ts', closure('src/local-node.ts', closure('index.html')));
const overlayChunks = ['src/open-overlay.ts', 'src/core/node/overlay-house.ts'];
const overlay = [...new Set(overlayChunks.flatMap((chunk) => [...closure(chunk)]))].filter(
  (file) => !talking.has(file),
);
for (const chunk of overlayChunks) {
  if (talking.has(manifest[chunk].file)) throw new Error(`${chunk} is no chunk of its own any more.`);
}

export default [
  {
    name: 'JavaScript needed for the first screen',
    path: needed.map((file) => `dist/${file}`),
    gzip: true,
    limit: '90 kB',
  },
  {
    name: 'The overlay',
    path: overlay.map((file) => `dist/${file}`),
    gzip: true,
    limit: '70 kB',
  },
];
