// The Dialer port over simple-peer 9 and the browser's WebRTC.
import type { Dialer, PendingAnswer, PendingOffer } from '../../core/ports/dialer.ts';
import { asKithError, Connection } from './connection.ts';

export interface WebRtcOptions {
  /** STUN and TURN servers of kith.config.json; none means this network only. */
  readonly iceServers: readonly RTCIceServer[];
}

export function webRtcDialer({ iceServers }: WebRtcOptions): Dialer {
  let alive = 0;
  let opened = 0;
  const connect = async (initiator: boolean): Promise<Connection> => {
    const { SimplePeer } = await import('./simple-peer.ts');
    const onEnd = () => {
      alive--;
    };
    try {
      const connection = new Connection({ SimplePeer, initiator, iceServers, onEnd });
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
      return opened;
    },
    async offer(): Promise<PendingOffer> {
      const connection = await connect(true);
      return {
        signal: await connection.signal,
        async accept(answer) {
          connection.accept('answer', answer);
          return connection.link;
        },
        cancel: () => connection.cancel(),
      };
    },
    async answer(offer): Promise<PendingAnswer> {
      const connection = await connect(false);
      try {
        connection.accept('offer', offer);
        return { signal: await connection.signal, link: connection.link, cancel: () => connection.cancel() };
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
  };
}
