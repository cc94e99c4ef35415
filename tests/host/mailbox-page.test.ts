// The page about mailboxes: what it may load, where it leads, and that it tells what is so.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mailboxGatt } from '../../src/core/ports/bluetooth.ts';

const folder = new URL('../../public/mailbox/', import.meta.url);
const page = readFileSync(new URL('index.html', folder), 'utf8');

test('loads nothing but its own styles and icon, and runs no script', () => {
  expect(page).not.toMatch(/<script|<style|style=|\son\w+=|javascript:/i);
  expect(page).toContain("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'");
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
  expect(addresses.filter((address) => /^[a-z]+:|^\//i.test(address))).toEqual([]);
});

test('leads to files that are there', () => {
  const addresses = [...page.matchAll(/href="([^"#]+)"/g)].map(([, address]) => address ?? '');
  expect(addresses.filter((address) => address !== '../' && !existsSync(new URL(address, folder)))).toEqual([]);
  const places = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(places.filter((id) => !page.includes(`id="${id}"`))).toEqual([]);
});

test('tells in five steps how to use each, and that none was tried on a real gadget', () => {
  for (const id of ['laptop', 'espruino', 'esp32', 'use']) {
    const section = page.split(`<section id="${id}">`)[1]?.split('</section>')[0] ?? '';
    expect(section.match(/<li>/g)?.length, id).toBe(5);
  }
  expect(page).toContain('Not tried on a real gadget yet.');
});

test('names the same service and characteristics as the programs', () => {
  const programs = ['espruino.js', 'esp32.py'].map((name) => readFileSync(new URL(name, folder), 'utf8'));
  for (const text of [page, ...programs]) for (const value of Object.values(mailboxGatt)) expect(text).toContain(value);
});
