// Renders public/icons/*.png from the two SVG drawings: `npx tsx tests/tools/icons.ts` after changing one of them.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { findChromium, launchArguments } from './chromium.ts';

const folder = new URL('../../public/icons/', import.meta.url);

/** file, pixels, drawing, transparent */
const pictures = [
  ['icon-192.png', 192, 'icon.svg', true],
  ['icon-512.png', 512, 'icon.svg', true],
  ['icon-maskable-512.png', 512, 'icon-maskable.svg', false],
  // iOS fills transparency with black.
  ['apple-touch-icon.png', 180, 'icon-maskable.svg', false],
  ['favicon-48.png', 48, 'icon.svg', true],
] as const;

const browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
for (const [file, side, drawing, omitBackground] of pictures) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  const svg = await readFile(new URL(drawing, folder), 'utf8');
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${side}px;height:${side}px}</style>${svg}`);
  await writeFile(new URL(file, folder), await page.screenshot({ omitBackground }));
  console.log(fileURLToPath(new URL(file, folder)));
}
await browser.close();
