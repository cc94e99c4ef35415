// Whole nodes: two people who meet, talk, part, block, remove, lose everything, and come back.
import { beforeEach, describe, expect, it } from 'vitest';
import { Village, Villager } from '../fixtures/village.ts';

let village: Village;
let ana: Villager;
let ben: Villager;

beforeEach(async () => {
  village = new Village();
  ana = await village.person('Ana');
  ben = await village.person('Ben');
  await village.introduce(ana, ben);
});

const delivered = (from: Villager, to: Villager, texts: string[]) =>
  village.until(async () => (await to.texts(from, 'in')).join() === texts.join(), `delivered: ${texts.join()}`);

describe('meeting', () => {
  it('the taker has verified the shower, the shower has not verified the taker', async () => {
    expect(await ben.with(ana)).toMatchObject({ trust: 'verified', name: 'Ana', state: 'active', route: 'direct' });
    expect(await ana.with(ben)).toMatchObject({ trust: 'unverified', name: 'Ben', state: 'active' });
  });

  it('a contact with whom nothing was said does not move up in the list at each start', async () => {
    const before = (await ana.with(ben))?.changedAt;
    for (const hours of [1, 24]) {
      await ana.close();
      await village.pass(hours * 3_600_000);
      await ana.start();
      await village.together(ana, ben);
      expect((await ana.with(ben))?.changedAt).toBeLessThanOrEqual(before ?? 0);
    }
  });

  it('a safety number is the same on both screens, and marking it verifies on one side only, for good', async () => {
    const [hers, his] = [
      await ana.node.safetyNumber(await ana.idOf(ben)),
      await ben.node.safetyNumber(await ben.idOf(ana)),
    ];
    if (!hers.ok || !his.ok) throw new Error('no safety number');
    expect(hers.value.digits).toMatch(/^\d{60}$/);
    expect(his.value).toEqual({ mine: hers.value.theirs, theirs: hers.value.mine, digits: hers.value.digits });
    expect((await ana.node.markVerified(await ana.idOf(ben))).ok).toBe(true);
    expect(await ana.with(ben)).toMatchObject({ trust: 'verified' });
    await ana.close();
    await ana.start();
    expect(await ana.with(ben)).toMatchObject({ trust: 'verified' });
  });

  it('who is no contact, or was removed, has no safety number and cannot be verified', async () => {
    const id = await ana.idOf(ben);
    await ana.node.removeContact(id);
    for (const gone of [id, 'nobody']) {
      expect(await ana.node.safetyNumber(gone)).toMatchObject({ ok: false, kind: 'not-a-contact' });
      expect(await ana.node.markVerified(gone)).toMatchObject({ ok: false, kind: 'not-a-contact' });
    }
  });

  it('messages written while the other is away arrive once, in order, when they return', async () => {
    await ana.close();
    await village.until(async () => (await ben.with(ana))?.presence === 'offline');
    await ben.write(ana, 'one');
    await ben.write(ana, 'two');
    expect(await ben.states(ana)).toEqual(['queued', 'queued']);
    await ana.start();
    await delivered(ben, ana, ['one', 'two']);
    await village.until(async () => (await ben.states(ana)).join() === 'delivered,delivered');
  });

  it('both reload at once and find each other again', async () => {
    await ana.write(ben, 'before');
    await delivered(ana, ben, ['before']);
    await Promise.all([ana.close(), ben.close()]);
    await Promise.all([ana.start(), ben.start()]);
    await village.together(ana, ben);
    await ben.write(ana, 'after');
    await delivered(ben, ana, ['after']);
  });

  it('a page that dies without a word is noticed, and its successor is let in at once', async () => {
    ana.disk.crash();
    await ana.start();
    await ben.write(ana, 'are you there?');
    await delivered(ben, ana, ['are you there?']);
    expect((await ana.texts(ben, 'in')).length).toBe(1);
  });

  it('they meet again on another day', async () => {
    await Promise.all([ana.close(), ben.close()]);
    await village.pass(50 * 3_600_000);
    await Promise.all([ana.start(), ben.start()]);
    await village.together(ana, ben);
  });

  it('what arrives while the greeting is still being stored is neither refused nor lost', async () => {
    await ben.close();
    await village.until(async () => (await ana.with(ben))?.presence === 'offline');
    await ana.write(ben, 'one');
    await ana.node.rename('Ana Maria');
    ben.commitMs = 500;
    await ben.start();
    await delivered(ana, ben, ['one']);
    await village.until(async () => (await ana.states(ben)).join() === 'delivered');
    expect((await ben.with(ana))?.name).toBe('Ana Maria');
  });

  it('goes on talking when every tracker is gone', async () => {
    village.tracker.goDown();
    await ana.write(ben, 'still here');
    await delivered(ana, ben, ['still here']);
    expect((await ana.snapshot()).network.state).toBe('online');
  });
});

describe('beginning', () => {
  it('two tabs that ask for an identity at once get one person', async () => {
    const cleo = new Villager('Cleo', village, 99);
    await cleo.start();
    const [first, second] = await Promise.all([cleo.node.createIdentity('Cleo'), cleo.node.createIdentity('Cléo')]);
    expect([first.ok, second.ok]).toEqual([true, true]);
    await village.until(async () => (await cleo.number()) !== '');
    const number = await cleo.number();
    await cleo.close();
    await cleo.start();
    expect(await cleo.number()).toBe(number);
    expect((await cleo.snapshot()).identity?.name).toBe('Cleo');
  });

  it('a name of nothing but blanks and invisible characters is refused', async () => {
    const cleo = new Villager('Cleo', village, 98);
    await cleo.start();
    expect(await cleo.node.createIdentity(' \u200b\u202e ')).toMatchObject({ ok: false, kind: 'name-empty' });
    expect((await cleo.snapshot()).identity).toBeNull();
  });
});

describe('refusing', () => {
  it('blocked: what is written is dropped with that reason, and after unblocking a retry is delivered', async () => {
    await ana.node.block(await ana.idOf(ben));
    await village.until(async () => (await ben.with(ana))?.state === 'declined');
    const id = await ben.write(ana, 'hello?');
    expect(await ben.states(ana)).toEqual(['dropped: blocked']);
    expect(await ana.texts(ben, 'in')).toEqual([]);
    await village.until(async () => (await ben.with(ana))?.presence === 'offline');
    await ana.node.unblock(await ana.idOf(ben));
    await village.together(ana, ben);
    await ben.node.retryMessage(await ben.idOf(ana), id);
    await delivered(ben, ana, ['hello?']);
  });

  it('blocked while away: is told once when they come, and then cannot see whether I am here', async () => {
    await ben.close();
    await village.until(async () => (await ana.with(ben))?.presence === 'offline');
    await ana.node.block(await ana.idOf(ben));
    await ben.start();
    await ben.write(ana, 'anyone?');
    await village.until(async () => (await ben.states(ana)).join() === 'dropped: blocked');
    await village.until(async () => (await ben.with(ana))?.presence === 'offline');
    await village.pass(600_000);
    expect((await ben.with(ana))?.presence).toBe('offline');
  });

  it('removed: the other side hears it once, and nothing of the conversation is left here', async () => {
    await ben.write(ana, 'a memory');
    await delivered(ben, ana, ['a memory']);
    await ana.node.removeContact(await ana.idOf(ben));
    await village.until(async () => (await ben.with(ana))?.state === 'declined');
    await ben.write(ana, 'still friends?');
    expect(await ben.states(ana)).toEqual(['delivered', 'dropped: not-a-contact']);
    await village.until(() => (ana.disk.written.get('contacts')?.size ?? 0) === 0, 'the tombstone is gone');
    for (const table of ['messages', 'message-keys', 'outbox', 'conversations'] as const) {
      expect(ana.disk.written.get(table)?.size ?? 0).toBe(0);
    }
  });

  it('a refused caller is told, and their messages are dropped as declined', async () => {
    const cleo = await village.person('Cleo');
    await cleo.node.takeCard((await ana.snapshot()).card?.text ?? '');
    await village.until(async () => (await ana.snapshot()).requests.length === 1);
    await village.until(async () => (await cleo.with(ana))?.state === 'waiting');
    await cleo.write(ana, 'may I?');
    await ana.node.answerRequest((await ana.snapshot()).requests[0]?.id ?? '', 'refuse');
    await village.until(async () => (await cleo.with(ana))?.state === 'declined');
    await village.until(async () => (await cleo.states(ana)).join() === 'dropped: declined');
    expect((await ana.snapshot()).conversations).toHaveLength(1);
  });

  it('a caller refused while away is told when they come back', async () => {
    const cleo = await village.person('Cleo');
    await cleo.node.takeCard((await ana.snapshot()).card?.text ?? '');
    await village.until(async () => (await cleo.with(ana))?.state === 'waiting');
    await cleo.close();
    await village.pass(60_000);
    await ana.node.answerRequest((await ana.snapshot()).requests[0]?.id ?? '', 'refuse');
    await cleo.start();
    await village.until(async () => (await cleo.with(ana))?.state === 'declined');
    await village.until(() => (ana.disk.written.get('contacts')?.size ?? 0) === 1, 'the tombstone is gone');
  });
});

describe('renewing', () => {
  it('a new card renews the pair: history and trust stay, and talking goes on', async () => {
    await ana.write(ben, 'before');
    await delivered(ana, ben, ['before']);
    await village.introduce(ana, ben);
    expect((await ana.snapshot()).conversations).toHaveLength(1);
    await ana.write(ben, 'after');
    await delivered(ana, ben, ['before', 'after']);
    expect(await ben.with(ana)).toMatchObject({ trust: 'verified' });
  });

  it('is the way back after one side lost everything', async () => {
    await ana.write(ben, 'before');
    await delivered(ana, ben, ['before']);
    // Ben knows Ana; Ana's other half of the pair is gone with her contact.
    await ana.node.removeContact(await ana.idOf(ben));
    await village.until(async () => (await ben.with(ana))?.state === 'declined');
    await village.introduce(ana, ben);
    await ben.write(ana, 'again');
    await delivered(ben, ana, ['again']);
    expect(await ben.texts(ana, 'in')).toEqual(['before']);
  });

  it('a renewal that is refused leaves everything as it was', async () => {
    await ben.node.takeCard((await ana.snapshot()).card?.text ?? '');
    await village.until(async () => (await ana.snapshot()).requests.length === 1);
    expect((await ana.snapshot()).requests[0]).toMatchObject({ knownAs: 'Ben' });
    await ana.node.answerRequest((await ana.snapshot()).requests[0]?.id ?? '', 'refuse');
    await village.pass(60_000);
    await village.together(ana, ben);
    await ben.write(ana, 'no harm done');
    await delivered(ben, ana, ['no harm done']);
  });

  it('confirming their number verifies', async () => {
    const cleo = await village.person('Cleo');
    await village.introduce(ana, cleo, 'accept-verified');
    expect(await ana.with(cleo)).toMatchObject({ trust: 'verified' });
  });
});

describe('files', () => {
  const file = (size: number, name = 'notes.bin') =>
    ({ file: new File([new Uint8Array(size).map((_, i) => i % 251)], name), thumbnail: null }) as const;

  it('arrive whole, and only then count as delivered', async () => {
    await ana.node.sendFiles(await ana.idOf(ben), [file(200_000)]);
    await village.until(async () => (await ana.states(ben)).join() === 'delivered');
    const [message] = await ben.messages(ana);
    expect(message?.attachment).toMatchObject({ state: 'complete', size: 200_000, progress: 1 });
    const opened = await ben.node.openAttachment(await ben.idOf(ana), message?.id ?? '');
    expect(opened.ok && (await opened.value.blob.arrayBuffer()).byteLength).toBe(200_000);
  });

  it('cancelled by the sender: dropped on one side, failed on the other', async () => {
    await ana.close();
    await village.until(async () => (await ben.with(ana))?.presence === 'offline');
    await ben.node.sendFiles(await ben.idOf(ana), [file(200_000)]);
    const [message] = await ben.messages(ana);
    await ben.node.cancelTransfer(await ben.idOf(ana), message?.id ?? '');
    expect(await ben.states(ana)).toEqual(['dropped: cancelled']);
    await ana.start();
    await ben.write(ana, 'after');
    await delivered(ben, ana, ['after']);
    await ben.node.retryMessage(await ben.idOf(ana), message?.id ?? '');
    await village.until(async () => (await ben.states(ana)).join() === 'delivered,delivered');
  });

  it('that found no room, and are tried again while the other is away: not dropped once more, but delivered when they meet', async () => {
    ben.files.room = 0;
    await ana.node.sendFiles(await ana.idOf(ben), [file(200_000)]);
    await village.until(async () => (await ana.states(ben)).join() === 'dropped: disk-full');
    await ben.close();
    await village.until(async () => (await ana.with(ben))?.presence === 'offline');
    ben.files.room = Number.POSITIVE_INFINITY;
    const [message] = await ana.messages(ben);
    await ana.node.retryMessage(await ana.idOf(ben), message?.id ?? '');
    await ben.start();
    await village.until(async () => !['queued', 'sent'].includes((await ana.states(ben)).join()));
    expect(await ana.states(ben)).toEqual(['delivered']);
  });

  it('larger than the other side takes: dropped as too large', async () => {
    await ben.close();
    ben.maxFileBytes = 1000;
    await ben.start();
    await village.together(ana, ben);
    await ana.node.sendFiles(await ana.idOf(ben), [file(1001)]);
    await village.until(async () => (await ana.states(ben)).join() === 'dropped: too-large');
  });

  it('over my own limit: refused before anything is sent, naming the limit', async () => {
    expect(await ana.node.sendFiles(await ana.idOf(ben), [file(26_214_401)])).toEqual({
      ok: false,
      kind: 'file-too-large',
      detail: { limit: 26_214_400 },
    });
    expect(await ana.messages(ben)).toEqual([]);
  });

  it('and texts that are sent again under the same id are there once', async () => {
    const conversation = await ana.idOf(ben);
    const id = 'ab'.repeat(16);
    const [first, again] = [
      await ana.node.sendText(conversation, 'once', id),
      await ana.node.sendText(conversation, 'once', id),
    ];
    expect([first, again]).toEqual([
      { ok: true, value: { messageId: id } },
      { ok: true, value: { messageId: id } },
    ]);
    const twice = { ...file(10), messageId: 'cd'.repeat(16) };
    await ana.node.sendFiles(conversation, [twice]);
    await ana.node.sendFiles(conversation, [twice]);
    await village.until(async () => (await ana.states(ben)).join() === 'delivered,delivered');
    expect(await ben.messages(ana)).toHaveLength(2);
  });

  it('a photo that cannot be cleaned is refused with the way out, and goes exactly as it is when sent as a file', async () => {
    const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 9, 9, 9]);
    const broken = { file: new File([bytes], 'photo.png', { type: 'image/png' }), thumbnail: null };
    const conversation = await ana.idOf(ben);
    expect(await ana.node.sendFiles(conversation, [broken])).toMatchObject({ ok: false, kind: 'photo-unreadable' });
    expect(await ana.node.sendFiles(conversation, [{ ...broken, asFile: true }])).toMatchObject({ ok: true });
    await village.until(async () => (await ana.states(ben)).join() === 'delivered');
    const [message] = await ben.messages(ana);
    const opened = await ben.node.openAttachment(await ben.idOf(ana), message?.id ?? '');
    expect(opened.ok && new Uint8Array(await opened.value.blob.arrayBuffer())).toEqual(bytes);
  });

  it('an empty file works', async () => {
    await ana.node.sendFiles(await ana.idOf(ben), [file(0)]);
    await village.until(async () => (await ana.states(ben)).join() === 'delivered');
  });
});
