import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contentSecurityPolicy } from '../../src/host/csp.ts';
import { type Host, startHost } from '../../src/host/host.ts';
import { MAX_TOPICS_A_SOCKET } from '../../src/host/tracker.ts';
import { announce, builtPage, visit } from './fixtures.ts';

let page: ReturnType<typeof builtPage>;
let host: Host;
const open = async (network = false) => {
  host = await startHost({ folder: page.folder, port: 0, network });
  return host;
};

beforeEach(() => {
  page = builtPage();
});
afterEach(async () => {
  await host.close();
  page.remove();
});

/** A request whose path no client library tidies up first. */
async function rawGet(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

describe('the page', () => {
  it('is served at / with every security header, on both addresses of localhost', async () => {
    const { port } = await open();
    for (const name of ['127.0.0.1', '[::1]']) {
      const answer = await fetch(`http://${name}:${port}/`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('<title>Kith</title>');
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toBe(`${contentSecurityPolicy}; frame-ancestors 'none'`);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('permissions-policy')).toContain('microphone=()');
    }
  });

  it('keeps hashed assets for a year and asks again for everything else', async () => {
    const { urls } = await open();
    const cached = async (path: string) => (await fetch(`${urls[0]}${path}`)).headers.get('cache-control');
    expect(await cached('/assets/index-abc123.js')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/index.html', '/sw.js', '/kith.config.json', '/manifest.webmanifest']) {
      expect(await cached(path)).toBe('no-cache');
    }
  });

  it('is not sent again to a browser that has it', async () => {
    const { urls } = await open();
    const etag = (await fetch(`${urls[0]}/`)).headers.get('etag') ?? '';
    const again = await fetch(`${urls[0]}/`, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
  });

  it('arrives compressed and whole where the browser takes gzip', async () => {
    const { urls } = await open();
    const answer = await fetch(`${urls[0]}/assets/index-abc123.js`, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.text()).toContain('x'.repeat(2_000));
  });

  it('has the kith.config.json of this host instead of the built one', async () => {
    const { urls } = await open();
    expect(await (await fetch(`${urls[0]}/kith.config.json`)).json()).toEqual({
      trackers: ['/announce'],
      iceServers: [],
      maxFileBytes: 26_214_400,
    });
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt', '//secret.txt'])(
    'does not lead out of its folder by %s',
    async (path) => {
      const { port } = await open();
      const answer = await rawGet(port, path);
      expect(answer).toMatch(/^HTTP\/1\.1 404/);
      expect(answer).not.toContain('secret');
    },
  );

  it('answers an address that is none with 400 and goes on', async () => {
    const { port, urls } = await open();
    expect(await rawGet(port, '/%zz')).toMatch(/^HTTP\/1\.1 400/);
    expect((await fetch(`${urls[0]}/`)).status).toBe(200);
  });

  it('refuses to be written to', async () => {
    const { urls } = await open();
    const answer = await fetch(`${urls[0]}/index.html`, { method: 'PUT', body: 'x' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('the tracker on the same port', () => {
  it('counts who is under a topic and hands an offer and its answer over', async () => {
    const { port } = await open();
    const ana = await visit(`ws://localhost:${port}/announce`);
    const ben = await visit(`ws://localhost:${port}/announce`);
    ana.say(announce('ana', 'topic'));
    expect(await ana.hear((message) => message.complete !== undefined)).toMatchObject({ incomplete: 1, interval: 60 });
    const offer = { type: 'offer', sdp: 'sealed' };
    ben.say(announce('ben', 'topic', { numwant: 1, offers: [{ offer_id: 'o'.repeat(20), offer }] }));
    expect(await ana.hear((message) => message.offer !== undefined)).toMatchObject({ offer });
    const answer = { type: 'answer', sdp: 'sealed too' };
    ana.say(announce('ana', 'topic', { to_peer_id: 'ben'.padEnd(20, '.'), answer, offer_id: 'o'.repeat(20) }));
    expect(await ben.hear((message) => message.answer !== undefined)).toMatchObject({ answer });
  });

  it.each([
    'not JSON',
    'null',
    '[]',
    '{"action":"scrape","info_hash":5}',
    '{"action":"scrape"}',
    JSON.stringify(announce('eve', 'topic', { offers: [null, null] })),
    JSON.stringify(announce('eve', 'topic', { offers: 'five' })),
    JSON.stringify(announce('eve', 'topic', { answer: 1, to_peer_id: 'ana'.padEnd(20, '.') })),
    JSON.stringify(announce('eve', 'topic', { event: '__proto__' })),
    JSON.stringify({ action: 'announce', info_hash: '\uffff'.repeat(20), peer_id: 'x' }),
  ])('survives %s', async (message) => {
    const { port } = await open();
    const ana = await visit(`ws://localhost:${port}/announce`);
    const eve = await visit(`ws://localhost:${port}/announce`);
    ana.say(announce('ana', 'topic'));
    await ana.hear((reply) => reply.incomplete === 1);
    eve.say(message);
    await eve.hear((reply) => typeof reply['failure reason'] === 'string');
    ana.say(announce('ana', 'topic'));
    expect(await ana.hear((reply) => reply.incomplete === 1)).toBeDefined();
  });

  it('lets nobody take all the topics there is room for', async () => {
    const { port } = await open();
    const eve = await visit(`ws://localhost:${port}/announce`);
    for (let n = 0; n < MAX_TOPICS_A_SOCKET; n += 1) eve.say(announce('eve', `topic ${n}`));
    eve.say(announce('eve', 'one more'));
    await eve.hear((reply) => reply['failure reason'] === 'too many topics');
    // Days go by, and topics with them: who leaves one may have another.
    eve.say(announce('eve', 'topic 7', { event: 'stopped' }));
    eve.say(announce('eve', 'the next day'));
    const ben = await visit(`ws://localhost:${port}/announce`);
    await vi.waitFor(async () => {
      ben.say(announce('ben', 'the next day'));
      expect(await ben.hear((reply) => reply.complete !== undefined)).toMatchObject({ incomplete: 2 });
    });
    const ana = await visit(`ws://localhost:${port}/announce`);
    ana.say(announce('ana', 'one more'));
    expect(await ana.hear((reply) => reply.complete !== undefined)).toMatchObject({ incomplete: 1 });
  });

  it('ends a connection that sends more than 64 KiB at once', async () => {
    const { port } = await open();
    const eve = await visit(`ws://localhost:${port}/announce`);
    const closed = once(eve.socket, 'close');
    eve.say('x'.repeat(65_537));
    expect((await closed)[0]).toBe(1009);
  });

  it('is at /announce only', async () => {
    const { port } = await open();
    await expect(visit(`ws://localhost:${port}/elsewhere`)).rejects.toThrow('404');
  });

  it('lets its visitors go when the host closes', async () => {
    const { port } = await open();
    const ana = await visit(`ws://localhost:${port}/announce`);
    const closed = once(ana.socket, 'close');
    await host.close();
    await closed;
  });
});

describe('on the local network', () => {
  it('speaks HTTPS with a certificate of its own, and the tracker with it', async () => {
    const { port, urls } = await open(true);
    expect(urls[0]).toMatch(/^https:\/\//);
    const status = await new Promise((resolve, reject) => {
      const asked = httpsRequest({ port, host: 'localhost', path: '/', rejectUnauthorized: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
    const ana = await visit(`wss://localhost:${port}/announce`);
    ana.say(announce('ana', 'topic'));
    expect(await ana.hear((message) => message.incomplete === 1)).toBeDefined();
  });
});
