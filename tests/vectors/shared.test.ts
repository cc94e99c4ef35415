// The shared vectors in Node: read where they lie, beside the repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedVectorSuite } from './suite.ts';

const root = fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const paths = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
const files = paths.filter((path) => /\.(json|txt)$/.test(path));

sharedVectorSuite(
  'Node',
  new Map(files.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')])),
);
