// kith.config.json as people write it, and as they break it.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/adapters/system/config.ts';
import { defaultConfig, parseConfig, parseTrackers, resolveTracker } from '../../src/core/config.ts';

const page = 'https://kith.example/any/path/';
const parse = (value: unknown) => parseConfig(JSON.stringify(value), page);

describe('kith.config.json', () => {
  test('the file that comes with Kith is right and is the same as the defaults', () => {
    const shipped = readFileSync(new URL('../../public/kith.config.json', import.meta.url), 'utf8');
    const { config, error } = parseConfig(shipped, page);
    expect(error).toBeNull();
    expect({ ...config, trackers: config.trackers.map((url) => url.replace(/\/$/, '')) }).toEqual(defaultConfig);
  });

  test('every field may be set', () => {
    const { config, error } = parse({
      trackers: ['wss://tracker.example/announce', '/announce'],
      iceServers: [{ urls: 'stun:a.example:3478' }, { urls: ['turn:b.example:3478'], username: 'u', credential: 'c' }],
      maxFileBytes: 1,
    });
    expect(error).toBeNull();
    expect(config).toEqual({
      trackers: ['wss://tracker.example/announce', 'wss://kith.example/announce'],
      iceServers: [
        { urls: ['stun:a.example:3478'] },
        { urls: ['turn:b.example:3478'], username: 'u', credential: 'c' },
      ],
      maxFileBytes: 1,
    });
  });

  test('a missing file is said, and the defaults hold', () => {
    expect(parseConfig(null, page)).toEqual({ config: defaultConfig, error: { kind: 'config-missing', detail: {} } });
  });

  test.each(['', '{', 'trackers: []', '<!doctype html>'])('a file that is no JSON is said: %j', (text) => {
    const error = { kind: 'config-not-json', detail: {} };
    expect(parseConfig(text, page)).toEqual({ config: defaultConfig, error });
  });

  test.each(['[]', '"x"', 'null', '7'])('a file that is JSON, but no object, is said: %s', (text) => {
    const error = { kind: 'config-not-object', detail: {} };
    expect(parseConfig(text, page)).toEqual({ config: defaultConfig, error });
  });

  test('a missing field has its default and is no error', () => {
    expect(parse({ maxFileBytes: 5 })).toEqual({ config: { ...defaultConfig, maxFileBytes: 5 }, error: null });
  });

  test.each<[string, unknown]>([
    ['trackers', { trackers: 'wss://tracker.example' }],
    ['trackers', { trackers: null }],
    ['trackers', { trackers: Array.from({ length: 17 }, (_, i) => `wss://t${i}.example`) }],
    ['trackers[1]', { trackers: ['wss://tracker.example', 7] }],
    ['trackers[1]', { trackers: ['wss://tracker.example', 'https://tracker.example'] }],
    ['trackers[0]', { trackers: ['tracker.example'] }],
    ['trackers[0]', { trackers: ['javascript:alert(1)'] }],
    ['trackers[0]', { trackers: ['wss://'] }],
    ['iceServers', { iceServers: {} }],
    ['iceServers[0]', { iceServers: ['stun:a.example'] }],
    ['iceServers[0].urls', { iceServers: [{ urls: 'https://a.example' }] }],
    ['iceServers[0].urls', { iceServers: [{ urls: [] }] }],
    ['iceServers[0].urls', { iceServers: [{}] }],
    ['iceServers[0]', { iceServers: [{ urls: ['stun:a', 'turn:a'], credential: 'c' }] }],
    ['iceServers[0]', { iceServers: [{ urls: 'turns:a', username: 'u' }] }],
    ['iceServers[1].username', { iceServers: [{ urls: 'stun:a' }, { urls: 'turn:a', username: 1 }] }],
    ['maxFileBytes', { maxFileBytes: '26214400' }],
    ['maxFileBytes', { maxFileBytes: 0 }],
    ['maxFileBytes', { maxFileBytes: 1.5 }],
    ['maxFileBytes', { maxFileBytes: 26_214_401 }],
  ])('a wrong field is named: %s in %j', (field, value) => {
    expect(parse(value)).toEqual({ config: defaultConfig, error: { kind: 'config-field', detail: { field } } });
  });

  test('one wrong field does not throw away the others', () => {
    const { config, error } = parse({ trackers: ['/announce'], iceServers: [], maxFileBytes: -1 });
    expect(error?.detail.field).toBe('maxFileBytes');
    expect(config).toEqual({ ...defaultConfig, trackers: ['wss://kith.example/announce'], iceServers: [] });
  });

  test('whatever the file holds, there is a configuration to work with', () => {
    const values = fc.dictionary(
      fc.constantFrom('trackers', 'iceServers', 'maxFileBytes', '__proto__', 'x'),
      fc.oneof(fc.jsonValue(), fc.array(fc.webUrl()), fc.array(fc.record({ urls: fc.jsonValue() }))),
    );
    const property = fc.property(
      fc.oneof(
        fc.string(),
        values.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        const { config } = parseConfig(text, page);
        expect(config.trackers.every((url) => /^wss?:\/\/./.test(url))).toBe(true);
        expect(
          config.iceServers.every(({ urls }) => urls.length > 0 && urls.every((url) => /^(stun|turn)/.test(url))),
        ).toBe(true);
        expect(config.maxFileBytes >= 1 && config.maxFileBytes <= 26_214_400).toBe(true);
      },
    );
    fc.assert(property, { seed: 2, numRuns: 500 });
  });
});

describe('the address of a tracker', () => {
  test.each([
    ['/announce', 'http://localhost:4173/', 'ws://localhost:4173/announce'],
    ['/announce', 'https://kith.example/any/path/index.html', 'wss://kith.example/announce'],
    ['./announce', 'https://kith.example/any/path/', 'wss://kith.example/any/path/announce'],
    ['../announce', 'https://kith.example/any/path/', 'wss://kith.example/any/announce'],
    [' WSS://Tracker.Example:444/a ', page, 'wss://tracker.example:444/a'],
    ['wss://tracker.example/#x', page, 'wss://tracker.example/'],
    ['wss://[2001:db8::1]:444/a%20b', page, 'wss://[2001:db8::1]:444/a%20b'],
    ['wss://bücher.example/', page, 'wss://xn--bcher-kva.example/'],
    ['ws://my_tracker/', page, 'ws://my_tracker/'],
  ])('%s on %s is %s', (text, where, url) => {
    expect(resolveTracker(text, where)).toBe(url);
  });

  test.each([
    ...['', 'announce', '//evil.example/announce', 'http://a.example', 'ws:', 'wss://a b/', 'wss://a%20b/'],
    ...['wss://a*b/', 'wss://a%b/', 'wss://a"b/', 'wss://{a}/', 'wss://a,b/'],
  ])('%j is none', (text) => {
    expect(resolveTracker(text, page)).toBeUndefined();
  });

  test('typed one a line: empty lines do not count, doubles are one, the wrong line is named', () => {
    expect(parseTrackers(['', ' /announce ', 'wss://a.example', 'wss://a.example/'], page)).toEqual([
      'wss://kith.example/announce',
      'wss://a.example/',
    ]);
    expect(() => parseTrackers(['/announce', 'nonsense'], page)).toThrowError(
      expect.objectContaining({ kind: 'config-field', detail: { field: 'trackers[1]' } }),
    );
  });
});

describe('loading it', () => {
  const answer =
    (body: string, status = 200) =>
    async (url: string | URL | Request) => {
      expect(String(url)).toBe('https://kith.example/any/path/kith.config.json');
      return new Response(body, { status });
    };

  test('it is read from beside the page, whatever the path', async () => {
    const { config, error } = await loadConfig(page, answer('{"trackers":["/announce"]}'));
    expect(error).toBeNull();
    expect(config.trackers).toEqual(['wss://kith.example/announce']);
  });

  test('a host that has none, and a network that fails, are a missing file', async () => {
    expect((await loadConfig(page, answer('not found', 404))).error?.kind).toBe('config-missing');
    const failing = () => Promise.reject(new TypeError('no network'));
    expect((await loadConfig(page, failing)).error?.kind).toBe('config-missing');
  });

  describe('the clock of whoever serves it', () => {
    const now = Date.UTC(2026, 10, 28, 12);
    const errorAt = async (headers: Record<string, string>) =>
      (
        await loadConfig(
          page,
          async () => new Response('{}', { headers }),
          () => now,
        )
      ).error;
    const date = (hours: number) => new Date(now + hours * 3_600_000).toUTCString();

    test('this device’s is said to be wrong from most of a day on, either way', async () => {
      expect(await errorAt({ date: date(-20) })).toEqual({ kind: 'clock-off', detail: { hours: 20 } });
      expect(await errorAt({ date: date(72) })).toEqual({ kind: 'clock-off', detail: { hours: -72 } });
      for (const hours of [-19.9, -1, 0, 1, 19.9]) expect(await errorAt({ date: date(hours) })).toBeNull();
    });

    test('an answer out of a cache tells no more than that: it was made then, or is given now', async () => {
      expect(await errorAt({ date: date(-30), age: String(29 * 3_600) })).toBeNull();
      expect(await errorAt({ date: date(0), age: String(30 * 3_600) })).toBeNull();
      expect(await errorAt({ date: date(-60), age: String(30 * 3_600) })).toEqual({
        kind: 'clock-off',
        detail: { hours: 30 },
      });
      expect(await errorAt({ date: date(24), age: '600' })).toEqual({ kind: 'clock-off', detail: { hours: -24 } });
    });

    test('that does not tell, or not in a way that can be read, says nothing', async () => {
      expect(await errorAt({})).toBeNull();
      expect(await errorAt({ date: 'yesterday' })).toBeNull();
      for (const age of ['long', '1e999']) expect(await errorAt({ date: date(-40), age })).toBeNull();
    });

    test('says nothing of the hours that a device slept before it read the answer', async () => {
      let time = now;
      const slept = async () => {
        time += 30 * 3_600_000;
        return new Response('{}', { headers: { date: date(0) } });
      };
      expect((await loadConfig(page, slept, () => time)).error).toBeNull();
    });

    test('is told after what is wrong with the file', async () => {
      const headers = { date: date(-40) };
      const { error } = await loadConfig(
        page,
        async () => new Response('{', { headers }),
        () => now,
      );
      expect(error?.kind).toBe('config-not-json');
    });
  });

  test('a file of megabytes is not read', async () => {
    expect((await loadConfig(page, answer(`{"x":"${'x'.repeat(70_000)}"}`))).error?.kind).toBe('config-not-json');
  });
});
