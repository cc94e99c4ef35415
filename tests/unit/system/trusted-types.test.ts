// Which addresses may become a worker.
import { describe, expect, test } from 'vitest';
import { checkWorkerUrl } from '../../../src/adapters/system/trusted-types.ts';

const page = 'https://kith.example/any/path/';

describe('the Trusted Types policy', () => {
  test.each([
    ['./sw.js', 'https://kith.example/any/path/sw.js'],
    [
      'https://kith.example/any/path/assets/number.worker-Ab_1-x.js',
      'https://kith.example/any/path/assets/number.worker-Ab_1-x.js',
    ],
    ['assets/transfer.worker-1.js', 'https://kith.example/any/path/assets/transfer.worker-1.js'],
    [
      'src/workers/number.worker.ts?worker_file&type=module',
      'https://kith.example/any/path/src/workers/number.worker.ts?worker_file&type=module',
    ],
  ])('lets a worker of ours through: %s', (url, resolved) => {
    expect(checkWorkerUrl(url, page)).toBe(resolved);
  });

  test.each([
    'https://evil.example/any/path/sw.js',
    '//evil.example/any/path/sw.js',
    '/sw.js',
    '../sw.js',
    './sw.js/../../../sw.js',
    'assets/index-1.js',
    'assets/evil.js?x=/sw.js',
    'assets/evil.js#/sw.js',
    'blob:https://kith.example/1',
    'data:text/javascript,1',
    'javascript:1',
    '',
  ])('refuses everything else: %j', (url) => {
    expect(() => checkWorkerUrl(url, page)).toThrow(TypeError);
  });
});
