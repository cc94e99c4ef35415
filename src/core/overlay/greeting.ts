// The first exchange on a link: our hello, theirs, and what arrives before theirs is verified.
import { KithError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Link } from '../ports/link.ts';
import type { OverlayCrypto } from '../ports/overlay-crypto.ts';
import { type Dialed, makeHello, type Peer, readHello } from './hello.ts';
import { HELLO_TIMEOUT_MS } from './limits.ts';
import type { NodeKey } from './node-key.ts';

/** Frames that may come while a signature is verified. */
const MAX_EARLY_FRAMES = 64;
const MAX_EARLY_BYTES = 262_144;

export interface Greeted {
  readonly peer: Peer;
  /** What came behind the hello, in order; grows until `link.onFrame` is set anew. */
  readonly early: readonly Uint8Array[];
  /** Whether the link has closed meanwhile. */
  closed(): boolean;
}

export interface GreetingTools {
  readonly clock: Clock;
  readonly crypto: OverlayCrypto;
  readonly key: NodeKey;
}

/**
 * Does not close the link. When it closes while their hello is being verified, the hello still counts.
 * @throws KithError 'link-timeout' | 'link-closed' | 'frame-malformed' | 'frame-version' | 'frame-authentication'
 */
export function greet(link: Link, dialed: Dialed, tools: GreetingTools): Promise<Greeted> {
  return new Promise<Greeted>((resolve, reject) => {
    const early: Uint8Array[] = [];
    let earlyBytes = 0;
    let heard = false;
    let closed = false;
    let said: Promise<void> | undefined;
    const timer = tools.clock.after(HELLO_TIMEOUT_MS, () => fail(new KithError('link-timeout')));
    const fail = (error: unknown): void => {
      timer.cancel();
      early.length = 0;
      earlyBytes = Number.POSITIVE_INFINITY;
      reject(error);
    };
    const verify = async (hello: Uint8Array): Promise<void> => {
      const peer = await readHello(tools.crypto, hello, dialed, link.binding);
      // Signing may take longer than verifying, and nothing may leave before our own hello.
      await said;
      timer.cancel();
      resolve({ peer, early, closed: () => closed });
    };
    link.onFrame((frame) => {
      if (!heard) {
        heard = true;
        verify(frame).catch(fail);
        return;
      }
      earlyBytes += frame.length;
      if (early.length >= MAX_EARLY_FRAMES || earlyBytes > MAX_EARLY_BYTES) fail(new KithError('frame-malformed'));
      else early.push(frame);
    });
    link.onClose(() => {
      closed = true;
      if (!heard) fail(new KithError('link-closed'));
    });
    said = makeHello(tools.key, dialed, link.binding)
      .then((hello) => link.send(hello))
      .catch((error) => {
        if (!heard) fail(error);
      });
  });
}
