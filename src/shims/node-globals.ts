// What simple-peer's dependencies (readable-stream, randombytes) expect Node to have. Import this before the first of them.
import { Buffer } from 'buffer';
import process from 'process';

Object.assign(globalThis, {
  Buffer: globalThis.Buffer ?? Buffer,
  process: globalThis.process ?? process,
  global: globalThis,
});
