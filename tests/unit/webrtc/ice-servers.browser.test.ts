// What a real browser says to STUN and TURN servers that our own check of kith.config.json lets pass.
import { expect, it } from 'vitest';
import { webRtcDialer } from '../../../src/adapters/webrtc/dialer.ts';
import { withUsableServers } from '../../../src/adapters/webrtc/ice-servers.ts';
import { defaultConfig, parseConfig } from '../../../src/core/config.ts';
import { KithError } from '../../../src/core/errors.ts';

const parsed = (...servers: object[]) => parseConfig(JSON.stringify({ iceServers: servers }), 'https://example.org/');
const good = { urls: 'stun:stun.example.org:3478' };
const refused = [
  { urls: 'stun:stun.example.org?transport=udp' },
  { urls: ['turn:turn.example.org:99999'], username: 'ana', credential: 'secret' },
  { urls: 'turn:turn.example.org?transport=pigeon', username: 'ana', credential: 'secret' },
];

it('servers that it takes stay as they are', () => {
  const config = parsed(good, { urls: 'turns:turn.example.org?transport=tcp', username: 'ana', credential: 'secret' });
  expect(config.error).toBeNull();
  expect(withUsableServers(config)).toBe(config);
});

it('a connection made only to try them counts among those opened; without servers there is none', () => {
  const { opened } = webRtcDialer({ iceServers: [] });
  withUsableServers(parsed(good));
  expect(webRtcDialer({ iceServers: [] }).opened).toBe(opened + 1);
  withUsableServers(parsed());
  expect(webRtcDialer({ iceServers: [] }).opened).toBe(opened + 1);
});

it.each(refused)('$urls is named, and the built-in servers are used', (server) => {
  const config = parsed(good, server);
  expect(config.error).toBeNull();
  const { config: used, error } = withUsableServers(config);
  expect(error).toEqual({ kind: 'config-field', detail: { field: `iceServers[1] (${[server.urls].flat()[0]})` } });
  expect(used).toEqual({ ...defaultConfig, iceServers: defaultConfig.iceServers });
});

it('a connection that it refuses for a server is not mistaken for one too many', async () => {
  const dialer = webRtcDialer({ iceServers: [{ urls: 'stun:stun.example.org?transport=udp' }] });
  const error = await dialer.offer().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KithError);
  expect(error).toMatchObject({ kind: 'config-field', detail: { field: 'iceServers' } });
  expect(dialer.alive).toBe(0);
});
