// Safety numbers, computed with Python's hashlib.pbkdf2_hmac: five bytes at a time, big endian, mod 100,000, the smaller half first.

const counting = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const countingDown = '1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100';

export const safetyNumberVectors = [
  {
    title: 'all zero and all one',
    fingerprints: ['00'.repeat(32), 'ff'.repeat(32)],
    halves: ['116759378825101567027922114040', '936591597664580456008882073109'],
    digits: '116759378825101567027922114040936591597664580456008882073109',
  },
  {
    title: 'a half that begins with zero',
    fingerprints: [countingDown, counting],
    halves: ['150641480743698633543586376718', '054345112616691400466730214536'],
    digits: '054345112616691400466730214536150641480743698633543586376718',
  },
  {
    title: 'the people of the roots 01… and 02…',
    fingerprints: [
      'c3b72b50f1724fe590f8f5fce46d6d63df51d05a36dcbf752d903aa9a731f555',
      'f98a4690db151a2c315c055486630fecfba8be03c8c9819a1ac533468c42fa30',
    ],
    halves: ['260144992657337919318593180608', '135779376817344638554324819925'],
    digits: '135779376817344638554324819925260144992657337919318593180608',
  },
] as const;
