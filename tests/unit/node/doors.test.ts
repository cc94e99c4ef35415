import { describe, expect, it } from 'vitest';
import { Doors } from '../../../src/core/node/doors.ts';
import type { EntryPoint, EntryPointState, EntryPointStatus } from '../../../src/core/ports/entry-point.ts';

/** A door that a test moves. */
class Door implements EntryPoint {
  status: EntryPointStatus;
  #tell: (status: EntryPointStatus) => void = () => {};

  constructor(url: string) {
    this.status = { url, state: 'connecting' };
  }
  onStatus(handler: (status: EntryPointStatus) => void): void {
    this.#tell = handler;
  }
  is(state: EntryPointState): void {
    this.status = { ...this.status, state };
    this.#tell(this.status);
  }
  join(): never {
    throw new Error('not here');
  }
  retryNow(): void {}
  close(): void {
    this.is('closed');
  }
}

function setUp(spare: readonly string[] = []) {
  const made = new Map<string, Door>();
  const opened: string[] = [];
  let current: readonly EntryPoint[] = [];
  const doors = new Doors({
    open: (url) => {
      const door = new Door(url);
      made.set(url, door);
      return door;
    },
    replaced: (all) => {
      current = all;
    },
    changed: () => {},
    spare: () => spare,
    opened: (url) => opened.push(url),
  });
  const at = (url: string) => made.get(url) as Door;
  const urls = () => current.map(({ status }) => status.url);
  return { doors, at, urls, opened };
}

describe('the trackers of a node', () => {
  it('are those of the settings, and keep their sockets when others change', () => {
    const { doors, at, urls } = setUp();
    doors.use(['a', 'b']);
    const a = at('a');
    a.is('open');
    doors.use(['a', 'c']);
    expect([urls(), at('a') === a, at('b').status.state]).toEqual([['a', 'c'], true, 'closed']);
    expect(doors.view().map(({ url, state }) => `${url} ${state}`)).toEqual(['a open', 'c connecting']);
  });

  it('are being opened until they have failed once', () => {
    const { doors, at } = setUp();
    doors.use(['a']);
    expect(doors.isOpening).toBe(true);
    at('a').is('waiting');
    at('a').is('connecting');
    expect([doors.isOpening, doors.isOpen]).toEqual([false, false]);
    at('a').is('open');
    at('a').is('connecting');
    expect(doors.isOpening).toBe(true);
  });

  it('are joined by learnt ones when every one of them has failed, not before', () => {
    const { doors, at, urls, opened } = setUp(['x', 'y', 'z']);
    doors.use(['a', 'b']);
    at('a').is('waiting');
    expect(urls()).toEqual(['a', 'b']);
    at('b').is('waiting');
    expect(urls()).toEqual(['a', 'b', 'x', 'y']);
    at('x').is('open');
    expect([doors.isOpen, opened]).toEqual([true, ['x']]);
  });

  it('take the place of learnt ones again as soon as one opens', () => {
    const { doors, at, urls } = setUp(['x', 'y']);
    doors.use(['a']);
    at('a').is('waiting');
    at('x').is('open');
    at('a').is('open');
    expect([urls(), at('x').status.state]).toEqual([['a'], 'closed']);
  });

  it('are replaced by the next learnt one when a learnt one fails, in turn and without end', () => {
    const { doors, at, urls } = setUp(['w', 'x', 'y', 'z']);
    doors.use(['a']);
    at('a').is('waiting');
    expect(urls()).toEqual(['a', 'w', 'x']);
    at('w').is('waiting');
    expect(urls().toSorted()).toEqual(['a', 'x', 'y']);
    at('x').is('waiting');
    expect(urls().toSorted()).toEqual(['a', 'y', 'z']);
    at('y').is('open');
    at('z').is('waiting');
    expect(urls()).toContain('y');
    for (let turn = 0; turn < 50; turn++) for (const url of urls()) if (url !== 'a') at(url).is('waiting');
    expect(urls()).toHaveLength(3);
  });

  it('are alone when the person wants none', () => {
    const { doors, urls } = setUp(['x']);
    doors.use([]);
    expect(urls()).toEqual([]);
    expect([doors.isOpen, doors.isOpening]).toEqual([false, false]);
  });

  it('are all closed at the end, and then say nothing', () => {
    const { doors, at, urls } = setUp(['x']);
    doors.use(['a']);
    doors.close();
    at('a').is('waiting');
    expect([at('a').status.state, urls()]).toEqual(['waiting', ['a']]);
    expect(doors.all()).toEqual([]);
  });
});
