import { webRtcDialer } from '../../src/adapters/webrtc/dialer.ts';
import { dialerContract } from './dialer.ts';

dialerContract('WebRTC', () => ({
  ana: webRtcDialer({ iceServers: [] }),
  ben: webRtcDialer({ iceServers: [] }),
  until: (promise) => promise,
}));
