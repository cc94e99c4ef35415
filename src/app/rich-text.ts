// A message's text as pieces: plain words and links. Pieces, never markup, so nothing a stranger wrote becomes HTML.
import { LinkifyIt } from 'linkify-it';

export interface Piece {
  readonly text: string;
  /** Address to open, or null for plain text. */
  readonly href: string | null;
  /** Where it leads in plain letters (RFC 3492), where what one reads may pass for another host; else null. */
  readonly host: string | null;
}

// `//host` and ftp: are links to the library but not to us.
const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: false });
linkify.add('ftp:', null);
linkify.add('//', null);

/** Behind what the library takes for all of it: a name or a password, and behind the @ another host. */
const goesOn = /^(?::[^\s/?#<>"@]*)?@/;
/** Ends where a host does. */
const bareHost = /^https?:\/\/[^/?#]*$/i;
/** Longest name and password before an @ that are looked for. */
const MAX_LOGIN = 256;

const openable = /^(?:https?:\/\/|mailto:)/i;
/** Longest text that is searched for links: the rest of a very long one stays plain. */
const MAX_SEARCHED = 20_000;

/** An address that would show itself reversed or hide a part shows those characters escaped, as the browser's own bar does. */
const shown = (address: string) =>
  address.replace(/\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu, encodeURIComponent);

/** Letters of another script may look like these. What stands before an @ is no web link. */
function plainHost(url: string): string | null {
  const [, authority = ''] = /^(?:mailto:|https?:\/\/)([^/?#\\]*)/i.exec(url) ?? [];
  if (!/[^\x21-\x7e]/.test(authority)) return null;
  const host = `http://${authority.slice(authority.lastIndexOf('@') + 1)}`;
  return URL.canParse(host) ? new URL(host).host : null;
}

export function pieces(text: string): readonly Piece[] {
  const found = linkify.match(text.slice(0, MAX_SEARCHED)) ?? [];
  const out: Piece[] = [];
  let at = 0;
  for (const { index, lastIndex, url } of found) {
    if (!openable.test(url) || !URL.canParse(url)) continue;
    if (bareHost.test(url) && goesOn.test(text.slice(lastIndex, lastIndex + MAX_LOGIN))) continue;
    if (index > at) out.push({ text: text.slice(at, index), href: null, host: null });
    out.push({ text: shown(text.slice(index, lastIndex)), href: url, host: plainHost(url) });
    at = lastIndex;
  }
  if (at < text.length) out.push({ text: text.slice(at), href: null, host: null });
  return out;
}
