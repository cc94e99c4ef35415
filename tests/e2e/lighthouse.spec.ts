// Lighthouse on the page as `npm start` serves it. Performance depends on the machine: `npm run bench` prints it.
import { expect, test } from '@playwright/test';
import { lighthouseScores } from '../tools/lighthouse.ts';

test('Lighthouse gives at least 95 for accessibility and for best practices', async ({ baseURL }) => {
  const scores = await lighthouseScores(baseURL ?? '', ['accessibility', 'best-practices']);
  for (const [category, { score, findings }] of Object.entries(scores)) {
    expect(score, `${category}: ${findings.join('; ')}`).toBeGreaterThanOrEqual(95);
  }
});
