// The overlay and the library in it, as a chunk of its own: import it when the first screen is usable. The library's dependencies
// expect Node's globals to be there before them.
import './shims/node-globals.ts';

export { startOverlay } from './core/overlay/overlay.ts';
