// Bencoding (BEP3), read strictly. What a neighbour sends is read here first: the library's own reader follows a negative
// length backwards for ever.

export type Bencoded = number | Uint8Array | readonly Bencoded[] | BencodedDictionary;
/** Keys are byte strings, one character a byte. */
export type BencodedDictionary = ReadonlyMap<string, Bencoded>;

/** No KRPC message nests deeper: message → r → values. */
const MAX_DEPTH = 4;
/** Values of one message, dictionaries and lists counted with what they hold. */
const MAX_VALUES = 256;
const MAX_DIGITS = 15;
const [ZERO, NINE, COLON, MINUS] = [0x30, 0x39, 0x3a, 0x2d];
const [INTEGER, LIST, DICTIONARY, END] = [0x69, 0x6c, 0x64, 0x65];

/** The dictionary that `bytes` hold, and nothing after it; undefined for anything else. Byte strings are views. */
export function readDictionary(bytes: Uint8Array): BencodedDictionary | undefined {
  if (bytes[0] !== DICTIONARY) return undefined;
  const reader = new Reader(bytes);
  const value = reader.value(0);
  return value instanceof Map && reader.position === bytes.length ? value : undefined;
}

/** `undefined` of a reading means: not bencoded, or beyond the limits. */
class Reader {
  position = 0;
  #values = 0;

  constructor(readonly bytes: Uint8Array) {}

  value(depth: number): Bencoded | undefined {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) return undefined;
    switch (this.bytes[this.position]) {
      case INTEGER:
        return this.#integer();
      case LIST:
        return this.#list(depth);
      case DICTIONARY:
        return this.#dictionary(depth);
      default:
        return this.#string();
    }
  }

  #list(depth: number): Bencoded[] | undefined {
    const list: Bencoded[] = [];
    this.position += 1;
    while (this.bytes[this.position] !== END) {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      list.push(item);
    }
    this.position += 1;
    return list;
  }

  #dictionary(depth: number): Map<string, Bencoded> | undefined {
    const dictionary = new Map<string, Bencoded>();
    this.position += 1;
    while (this.bytes[this.position] !== END) {
      const key = this.#string();
      const value = key && this.value(depth + 1);
      if (key === undefined || value === undefined) return undefined;
      const name = String.fromCharCode(...key);
      if (dictionary.has(name)) return undefined;
      dictionary.set(name, value);
    }
    this.position += 1;
    return dictionary;
  }

  #integer(): number | undefined {
    this.position += 1;
    const negative = this.bytes[this.position] === MINUS;
    if (negative) this.position += 1;
    const number = this.#digits(END);
    return number === undefined || !negative ? number : -number;
  }

  #string(): Uint8Array | undefined {
    const length = this.#digits(COLON);
    if (length === undefined || this.position + length > this.bytes.length) return undefined;
    const string = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return string;
  }

  /** A decimal number without leading zeros, and the character that ends it. */
  #digits(end: number): number | undefined {
    const start = this.position;
    let number = 0;
    for (;;) {
      const character = this.bytes[this.position];
      this.position += 1;
      if (character === end) break;
      if (character === undefined || character < ZERO || character > NINE) return undefined;
      number = number * 10 + character - ZERO;
      if (this.position - start > MAX_DIGITS) return undefined;
    }
    const length = this.position - 1 - start;
    if (length === 0 || (length > 1 && this.bytes[start] === ZERO)) return undefined;
    return number;
  }
}
