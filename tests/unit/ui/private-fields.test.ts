// What is typed into Kith is nobody's but Kith's. Chromium keeps what stands in a form's fields in its files for restoring tabs, and what
// was sent in its list of earlier entries, unless form and field say autocomplete="off"; a text area goes by its form alone.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../src/ui/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'));
const sources = files.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

describe('what is typed', () => {
  it('is in forms that ask the browser to keep nothing', () => {
    const forms = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/<form\b[\s\S]{0,80}/g)].map(([form]) => ({ name, form })),
    );
    expect(forms.length).toBeGreaterThan(10);
    expect(forms.filter(({ form }) => !/^<form\s+class="[^"]*"\s+autocomplete="off"/.test(form))).toEqual([]);
  });

  it('is never offered to the browser under a name of its lists', () => {
    const named = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/(?<!aria-)autocomplete=(\S+)/g)].map(([, value]) => `${name}: ${value}`),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((field) => !field.includes(': "off"'))).toEqual([]);
  });
});
