import { describe, expect, it } from 'vitest';
import { MAX_PENDING, MAX_PENDING_OFFERS, type Purpose, Slots } from '../../../src/core/rendezvous/slots.ts';

const queue = () => {
  const slots = new Slots();
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const request = (purpose: Purpose, name: string) =>
    slots.request(purpose, (release) => {
      started.push(name);
      releases.set(name, release);
    });
  const fill = (purpose: Purpose, count: number, name: string = purpose) => {
    for (let i = 0; i < count; i++) request(purpose, `${name} ${i}`);
  };
  return { slots, started, request, fill, release: (name: string) => releases.get(name)?.() };
};

describe('connections in the making', () => {
  it('are 24 at most, whatever they are for', () => {
    for (const purpose of ['answer', 'offer', 'spare'] as const) {
      const { slots, fill } = queue();
      fill(purpose, 100);
      expect(slots.taken).toBe(purpose === 'offer' ? 16 : 24);
    }
  });

  it('leave room to answer, however many calls are out', () => {
    const { slots, started, fill } = queue();
    fill('offer', 100);
    fill('answer', 100);
    expect(slots.taken).toBe(MAX_PENDING);
    expect(started.filter((name) => name.startsWith('answer'))).toHaveLength(MAX_PENDING - MAX_PENDING_OFFERS);
  });

  it('start in the order they were asked for', () => {
    const { started, fill, release } = queue();
    fill('offer', MAX_PENDING_OFFERS + 2, 'o');
    release('o 3');
    release('o 7');
    expect(started.slice(-2)).toEqual([`o ${MAX_PENDING_OFFERS}`, `o ${MAX_PENDING_OFFERS + 1}`]);
  });

  it('start with whoever is waited for, then those who call, then those who are connected already', () => {
    const { started, fill, request, release } = queue();
    fill('answer', MAX_PENDING, 'full');
    request('spare', 'spare');
    request('offer', 'offer');
    request('answer', 'answer');
    for (let i = 0; i < 3; i++) release(`full ${i}`);
    expect(started.slice(-3)).toEqual(['answer', 'offer', 'spare']);
  });

  it('pass over those who have left the queue, and count a slot given back twice once', () => {
    const { slots, started, fill, request, release } = queue();
    fill('answer', MAX_PENDING, 'full');
    const leave = request('answer', 'gone');
    request('answer', 'next');
    leave();
    release('full 0');
    release('full 0');
    expect(started.at(-1)).toBe('next');
    expect(slots.taken).toBe(MAX_PENDING);
  });
});
