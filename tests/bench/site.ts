// Builds what is measured and serves it as `npm start` does: the app itself, and the bench's page made of the same modules.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';
import { startHost } from '../../src/host/host.ts';
import { aliases, constants, jsx } from '../../vite.config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const output = join(root, 'node_modules/.cache/kith-bench');

export interface Sites {
  /** Address of the app, as `npm start` prints it. */
  readonly app: string;
  /** Address of the bench's page. */
  readonly lab: string;
  close(): Promise<void>;
}

const labConfig = (folder: string): InlineConfig => ({
  configFile: false,
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  resolve: { alias: aliases },
  oxc: jsx,
  define: constants,
  worker: { format: 'es' },
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { input: fileURLToPath(new URL('page.html', import.meta.url)) },
  },
});

/** Builds both (not into dist/) and serves each on a port of its own, with a tracker of its own. */
export async function startSites(): Promise<Sites> {
  const folders = { app: join(output, 'app'), lab: join(output, 'lab') };
  await build({ root, logLevel: 'warn', build: { outDir: folders.app, emptyOutDir: true } });
  await build(labConfig(folders.lab));
  const app = await startHost({ folder: folders.app, port: 0, network: false });
  const lab = await startHost({ folder: folders.lab, port: 0, network: false });
  return {
    app: `${app.urls[0]}/`,
    lab: `${lab.urls[0]}/page.html`,
    async close() {
      await Promise.all([app.close(), lab.close()]);
    },
  };
}
