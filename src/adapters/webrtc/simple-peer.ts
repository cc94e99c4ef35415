// simple-peer behind its shims, in this order. Loaded by a dynamic import, so that it is a chunk of its own and the first
// screen does not wait for it.
import '../../shims/node-globals.ts';
import SimplePeer from 'simple-peer';

export { SimplePeer };
