// kith.config.json: what a deployer may set without a build. The file is written by people, so a wrong field is named and
// replaced by its default, and the others stay. Meaning of each field and the reasons for the defaults: public/kith.config.md.
import * as v from 'valibot';
import { type ErrorDetail, type ErrorKind, KithError } from './errors.ts';
import { MAX_FILE_BYTES } from './wire/limits.ts';

/** As RTCIceServer, with `urls` always a list. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface KithConfig {
  /** Absolute ws: or wss: addresses. */
  readonly trackers: readonly string[];
  readonly iceServers: readonly IceServer[];
  /** 1 … MAX_FILE_BYTES */
  readonly maxFileBytes: number;
}

export interface ParsedConfig {
  readonly config: KithConfig;
  /** The first thing that is wrong with the file, or with this device's clock in the eyes of whoever served it; null when all is well. */
  readonly error: null | { readonly kind: ErrorKind; readonly detail: ErrorDetail };
}

/** The same values as public/kith.config.json, for a copy of Kith that lost it. */
export const defaultConfig: KithConfig = {
  trackers: ['wss://tracker.openwebtorrent.com', 'wss://tracker.webtorrent.dev', 'wss://open.ftorrent.com'],
  iceServers: [{ urls: ['stun:stun.cloudflare.com:3478'] }, { urls: ['stun:stun.nextcloud.com:443'] }],
  maxFileBytes: MAX_FILE_BYTES,
};

/** Each tracker is a socket that stays open, so their number is bounded. */
const MAX_TRACKERS = 16;
/** Chromium warns from five STUN servers on, since each slows down every connection. */
const MAX_ICE_SERVERS = 8;

const iceUrl = v.pipe(v.string(), v.regex(/^(stuns?|turns?):[^\s/]+$/));
const iceServer = v.pipe(
  v.object({
    urls: v.union([iceUrl, v.pipe(v.array(iceUrl), v.minLength(1))]),
    username: v.optional(v.string()),
    credential: v.optional(v.string()),
  }),
  v.transform(
    ({ urls, username, credential }): IceServer => ({
      urls: typeof urls === 'string' ? [urls] : urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }),
  ),
  // W3C WebRTC 1.0 §4.4.1.6: a browser makes no connection at all with a TURN server that lacks either.
  v.check(
    ({ urls, username, credential }) =>
      (username !== undefined && credential !== undefined) || urls.every((url) => url.startsWith('stun')),
    'turn needs a username and a credential',
  ),
);

const fields = (page: string) => ({
  trackers: v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.check((text) => resolveTracker(text, page) !== undefined),
        v.transform((text) => resolveTracker(text, page) ?? ''),
      ),
    ),
    v.maxLength(MAX_TRACKERS),
  ),
  iceServers: v.pipe(v.array(iceServer), v.maxLength(MAX_ICE_SERVERS)),
  maxFileBytes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_FILE_BYTES)),
});

/**
 * Reads the text of kith.config.json. Never throws: `error` says 'config-missing' (text is null), 'config-not-json',
 * 'config-not-object' or 'config-field' (detail.field, e.g. "trackers[1]"), and `config` is usable in every case.
 * @param page Address of the page: relative trackers are resolved against it.
 */
export function parseConfig(text: string | null, page: string): ParsedConfig {
  if (text === null) return { config: defaultConfig, error: { kind: 'config-missing', detail: {} } };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { config: defaultConfig, error: { kind: 'config-not-json', detail: {} } };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { config: defaultConfig, error: { kind: 'config-not-object', detail: {} } };
  }
  return readFields(value as Readonly<Record<string, unknown>>, page);
}

function readFields(value: Readonly<Record<string, unknown>>, page: string): ParsedConfig {
  const wrong: string[] = [];
  const field = <T>(name: string, schema: v.GenericSchema<unknown, T>, fallback: T): T => {
    if (!Object.hasOwn(value, name)) return fallback;
    const result = v.safeParse(schema, value[name]);
    if (result.success) return result.output;
    wrong.push(name + pathOf(result.issues[0]));
    return fallback;
  };
  const schemas = fields(page);
  const config = {
    trackers: field<readonly string[]>('trackers', schemas.trackers, defaultConfig.trackers),
    iceServers: field<readonly IceServer[]>('iceServers', schemas.iceServers, defaultConfig.iceServers),
    maxFileBytes: field('maxFileBytes', schemas.maxFileBytes, defaultConfig.maxFileBytes),
  };
  const first = wrong[0];
  return { config, error: first === undefined ? null : { kind: 'config-field', detail: { field: first } } };
}

/** "[1].urls" of a valibot issue. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
}

/** What a host can be once URL has made it ASCII. Browsers let more through, some of it as `%20`: nobody can be reached there. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** An absolute ws: or wss: address of a tracker, or undefined when the text is none. Paths (`/announce`) belong to the page's host. */
export function resolveTracker(text: string, page: string): string | undefined {
  const trimmed = text.trim();
  const relative = /^\.{0,2}\/(?!\/)/.test(trimmed);
  if (!relative && !/^wss?:\/\//i.test(trimmed)) return undefined;
  try {
    const url = new URL(trimmed, page);
    if (relative) url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    return HOST.test(url.hostname) && /^wss?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The trackers a person typed in Settings → Network, resolved, empty lines left out and each named once.
 * @throws KithError 'config-field' naming the first wrong line, e.g. "trackers[1]"
 */
export function parseTrackers(lines: readonly string[], page: string): string[] {
  const given = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (given.length > MAX_TRACKERS) {
    throw new KithError('config-field', { field: `trackers[${MAX_TRACKERS}]`, limit: MAX_TRACKERS });
  }
  const urls = given.map((line, index) => {
    const url = resolveTracker(line, page);
    if (url === undefined) throw new KithError('config-field', { field: `trackers[${index}]` });
    return url;
  });
  return [...new Set(urls)];
}
