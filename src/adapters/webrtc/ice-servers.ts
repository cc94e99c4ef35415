// Do the configured STUN and TURN servers suit this browser? One it refuses would keep it from making any connection at all
// (W3C WebRTC 1.0 §4.4.1.6), and nobody would know why.
import { defaultConfig, type IceServer, type ParsedConfig } from '../../core/config.ts';

/** Addresses that cannot be parsed, and TURN servers without all they need. Anything else says nothing about the servers. */
export function isWrongConfiguration(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'SyntaxError' || error.name === 'InvalidAccessError');
}

/** As the browser wants them. */
export function rtcServers(servers: readonly IceServer[]): RTCIceServer[] {
  return servers.map(({ urls, ...rest }) => ({ ...rest, urls: [...urls] }));
}

/** The same, or with the built-in servers and an error that names the first one that the browser refuses. */
export function withUsableServers(parsed: ParsedConfig): ParsedConfig {
  const { iceServers } = parsed.config;
  if (areUsable(iceServers)) return parsed;
  const index = iceServers.findIndex((server) => !areUsable([server]));
  const field = `iceServers[${index}] (${iceServers[index]?.urls.join(', ') ?? ''})`;
  return {
    config: { ...parsed.config, iceServers: defaultConfig.iceServers },
    error: parsed.error ?? { kind: 'config-field', detail: { field } },
  };
}

let tried = 0;

/** Connections made since load only to see what the browser says: they count towards its limit too. */
export const connectionsTried = (): number => tried;

function areUsable(servers: readonly IceServer[]): boolean {
  if (servers.length === 0) return true;
  try {
    new RTCPeerConnection({ iceServers: rtcServers(servers) }).close();
    tried++;
    return true;
  } catch (error) {
    return !isWrongConfiguration(error);
  }
}
