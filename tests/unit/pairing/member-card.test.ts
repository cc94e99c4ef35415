// A card for somebody met in a group: good for their key alone.
import { describe, expect, it } from 'vitest';
import { judge, openInvitation } from '../../../src/core/pairing/invitation.ts';

const bundle = (byte: number) => new Uint8Array(65).fill(byte);

describe('a card for a fellow member', () => {
  it('for one alone: binds its asker and is used up for everybody else, however early they come', () => {
    const open = { ...openInvitation('i', new Uint8Array(16), 1_000, 'member'), boundTo: bundle(1) };
    expect(judge(open, bundle(1), 1_001)).toBe('bind');
    expect(judge(open, bundle(2), 1_001)).toBe('card-used');
    expect(judge(open, bundle(2), open.expiresAt)).toBe('card-used');
    expect(judge(open, bundle(1), open.expiresAt)).toBe('card-expired');
    expect(open.expiresAt - 1_000).toBe(600_000);
  });
});
