// A text that nobody would send by chance, and where it can be seen in bytes.

export const canary = 'canary-7Qm2xVt9LdK4';

/** What a text may look like in bytes: UTF-8, UTF-16 of both orders, hexadecimal, and base64 at each of its three offsets. */
export function disguises(text: string): Map<string, Buffer> {
  const utf8 = Buffer.from(text, 'utf8');
  const found = new Map([
    ['UTF-8', utf8],
    ['UTF-16LE', Buffer.from(text, 'utf16le')],
    ['UTF-16BE', Buffer.from(text, 'utf16le').swap16()],
    ['hexadecimal', Buffer.from(utf8.toString('hex'))],
  ]);
  for (const offset of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(offset), utf8]).toString('base64');
    // The characters at both ends also depend on what stands beside the text.
    const whole = coded.slice(offset === 0 ? 0 : offset + 1, -4);
    found.set(`base64 at ${offset}`, Buffer.from(whole));
    found.set(`base64url at ${offset}`, Buffer.from(whole.replaceAll('+', '-').replaceAll('/', '_')));
  }
  return found;
}

/** The disguises in which the canary, or another text, stands in these bytes. */
export const seen = (bytes: Buffer, text = canary) =>
  [...disguises(text)].filter(([, form]) => bytes.includes(form)).map(([name]) => name);
