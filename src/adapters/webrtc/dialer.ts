// The Dialer port over simple-peer 9 and the browser's WebRTC.
import type { Dialer, DialOptions, PendingAnswer, PendingOffer } from '../../core/ports/dialer.ts';
import type { Connection } from './connection.ts';
import { connectionsTried } from './ice-servers.ts';

export interface WebRtcOptions {
  /** STUN and TURN servers of kith.config.json; none means this network only. */
  readonly iceServers: readonly RTCIceServer[];
}

export function webRtcDialer({ iceServers }: WebRtcOptions): Dialer {
  let alive = 0;
  let opened = 0;
  const connect = async (
    initiator: boolean,
    { trickle = false, firstMs = 0, patienceMs }: DialOptions = {},
  ): Promise<Connection> => {
    // Not before there is somebody to connect: the first screen needs none of it.
    const [{ SimplePeer }, { asKithError, Connection }] = await Promise.all([
      import('./simple-peer.ts'),
      import('./connection.ts'),
    ]);
    const onEnd = () => {
      alive--;
    };
    try {
      const connection = new Connection({ SimplePeer, initiator, trickle, firstMs, patienceMs, iceServers, onEnd });
      alive++;
      opened++;
      return connection;
    } catch (error) {
      throw asKithError(error);
    }
  };
  return {
    get alive() {
      return alive;
    },
    get opened() {
      return opened + connectionsTried();
    },
    async offer(options): Promise<PendingOffer> {
      const connection = await connect(true, options);
      return {
        ...(await pending(connection)),
        async accept(answer) {
          connection.accept('answer', answer);
          return connection.link;
        },
      };
    },
    async answer(offer, options): Promise<PendingAnswer> {
      const connection = await connect(false, options);
      try {
        connection.accept('offer', offer);
        return { ...(await pending(connection)), link: connection.link };
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
  };
}

/** What both sides of a connection in the making have. */
async function pending(connection: Connection) {
  return {
    signal: await connection.signal,
    onCandidate: (handler: (candidate: Uint8Array) => void) => connection.onCandidate(handler),
    addCandidate: (candidate: Uint8Array) => connection.addCandidate(candidate),
    cancel: () => connection.cancel(),
  };
}
