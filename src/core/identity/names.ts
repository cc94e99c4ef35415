// Names that other people chose are hostile text: they may hide, reverse or stack characters, or name a path.
// Terms of Unicode (UAX #9 bidirectional controls, UAX #29 graphemes, DerivedCoreProperties: Default_Ignorable_Code_Point).
import { MAX_FILE_NAME_LENGTH, MAX_NAME_LENGTH } from '../wire/limits.ts';

/**
 * Shows nothing or changes how its neighbours show: controls, bidi, zero width, fillers, private use, U+FFFD. Not what joins two emoji to
 * one (UTS #51): a family, a profession.
 */
const INVISIBLE =
  /(?!(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d\p{ExtPict})(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2800\ufffd]|(?![\ufe00-\ufe0f])\p{DI})/gu;
/** A variation selector says how the emoji before it looks; anywhere else it only hides. */
const STRAY_SELECTOR = /(?<![\p{Extended_Pictographic}0-9#])[\ufe00-\ufe0f]+/gu;
const WHITE_SPACE = /[\s\p{Z}]+/gu;

function visible(text: string): string {
  return text
    .replace(WHITE_SPACE, ' ')
    .replace(INVISIBLE, '')
    .replace(STRAY_SELECTOR, '')
    .normalize('NFC')
    .replace(WHITE_SPACE, ' ')
    .trim();
}

const segmenter =
  typeof Intl.Segmenter === 'function' ? new Intl.Segmenter(undefined, { granularity: 'grapheme' }) : undefined;

function graphemes(text: string): string[] {
  return segmenter === undefined ? [...text] : Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** At most `maxCodePoints`, never half a grapheme. */
function cap(text: string, maxCodePoints: number): string {
  if (text.length <= maxCodePoints) return text;
  let kept = '';
  let room = maxCodePoints;
  for (const grapheme of graphemes(text)) {
    room -= [...grapheme].length;
    if (room < 0) break;
    kept += grapheme;
  }
  return kept.trim();
}

/** A display name fit to show: NFC, visible characters only, single spaces, at most `maxCodePoints`. May be ''. */
export function cleanName(text: string, maxCodePoints: number = MAX_NAME_LENGTH): string {
  return cap(visible(text), maxCodePoints);
}

/** Reserved on Windows and in URLs. */
const RESERVED = /[<>:"|?*]/g;
/** Names that Windows gives to devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
/** Code points of the longest extension worth keeping when a name is cut. */
const MAX_EXTENSION = 16;

function cutKeepingExtension(name: string): string {
  if ([...name].length <= MAX_FILE_NAME_LENGTH) return name;
  const [extension = ''] = /\.[^.\s]+$/u.exec(name) ?? [];
  const length = [...extension].length;
  if (length > MAX_EXTENSION) return cap(name, MAX_FILE_NAME_LENGTH);
  return cap(name.slice(0, name.length - extension.length), MAX_FILE_NAME_LENGTH - length) + extension;
}

/** A file name fit to save under: the last part of a path, nothing invisible or reserved, no dots in front or behind. Never ''. */
export function cleanFileName(text: string): string {
  const last = visible(text.split(/[/\\]/).at(-1) ?? '');
  const safe = last.replace(RESERVED, '_').replace(/^[.\s]+|[.\s]+$/gu, '');
  const cut = cutKeepingExtension(safe.replace(DEVICE, '_$&')).replace(/[.\s]+$/u, '');
  return cut === '' ? 'file' : cut;
}

/** A type no browser displays or runs. */
export const OPAQUE_TYPE = 'application/octet-stream';

/** The declared media type if it looks like one (RFC 6838 §4.2, lower case), else OPAQUE_TYPE. It is shown and never trusted. */
export function cleanMediaType(type: string): string {
  return /^[a-z0-9][a-z0-9.+-]{0,62}\/[a-z0-9][a-z0-9.+-]{0,62}$/.test(type) ? type : OPAQUE_TYPE;
}
