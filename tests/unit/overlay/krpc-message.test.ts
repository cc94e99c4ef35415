// What the DHT's messages show, and which are refused before the library sees them.
import { describe, expect, it } from 'vitest';
import { errorAnswer, readKrpcMessage, readOwnMessage, signedBytes } from '../../../src/core/overlay/krpc-message.ts';

const ID = 'ABCDEFGHIJKLMNOPQRST';
const KEY = 'k'.repeat(32);
const SIGNATURE = 's'.repeat(64);
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const read = (text: string) => readKrpcMessage(bytes(text));
const item = `1:k32:${KEY}3:seqi7e3:sig64:${SIGNATURE}`;

describe('KRPC messages', () => {
  it('show the sender and the neighbours that an answer names', () => {
    const message = read(`d1:rd2:id20:${ID}5:nodes26:${ID}ABCDEFe1:t2:xy1:y1:re`);
    expect(message).toMatchObject({ type: 'response', transaction: bytes('xy'), id: bytes(ID), nodes: [bytes(ID)] });
  });

  it('show the signed item of an answer and of a put', () => {
    const shown = { key: bytes(KEY), signature: bytes(SIGNATURE), seq: 7, value: bytes('hi') };
    expect(read(`d1:rd2:id20:${ID}${item}1:v2:hie1:t2:xy1:y1:re`)?.item).toEqual(shown);
    expect(read(`d1:ad2:id20:${ID}${item}5:token1:x1:v2:hie1:q3:put1:t2:xy1:y1:qe`)?.item).toEqual(shown);
  });

  it.each([
    ['a question', `d1:ad2:id20:${ID}6:target20:${ID}e1:q9:find_node1:t2:xy1:y1:qe`],
    ['an answer', `d1:rd2:id20:${ID}${item}1:v2:hie1:t2:\0:1:y1:re`],
    ['an error', 'd1:eli203e3:bade1:t2:ee1:y1:ee'],
  ])('say at their end what they are: %s', (_, text) => {
    const { type, transaction } = read(text) ?? {};
    expect(type).toBeDefined();
    expect(readOwnMessage(bytes(text))).toEqual({ type, transaction });
  });

  it('that end in another way are none that the library makes', () => {
    const others = ['', 'e', 'd1:t2:xy1:y1:ze', 'd1:t3:xyz1:y1:qe', 'd1:t2:xy1:x1:qe', 'd1:t2:xy1:y1:q'];
    for (const text of others) expect(readOwnMessage(bytes(text))).toBeUndefined();
  });

  it.each([
    ['an answer without a sender', 'd1:rd5:nodes0:e1:t2:xy1:y1:re'],
    ['an address that is not the beginning of its id', `d1:rd2:id20:${ID}5:nodes26:${ID}ABCDEXe1:t2:xy1:y1:re`],
    ['half an entry', `d1:rd2:id20:${ID}5:nodes25:${ID}ABCDEe1:t2:xy1:y1:re`],
    ['nine nodes', `d1:rd2:id20:${ID}5:nodes234:${`${ID}ABCDEF`.repeat(9)}e1:t2:xy1:y1:re`],
    ['announcements that are no addresses', `d1:rd2:id20:${ID}6:valuesl5:abcdeee1:t2:xy1:y1:re`],
    ['a query that the library does not know', `d1:ad2:id20:${ID}e1:q4:evil1:t2:xy1:y1:qe`],
    ['a look-up without a target', `d1:ad2:id20:${ID}e1:q9:find_node1:t2:xy1:y1:qe`],
    ['a target of another length', `d1:ad2:id20:${ID}6:target3:abce1:q3:get1:t2:xy1:y1:qe`],
    ['a put without a signature', `d1:ad2:id20:${ID}5:token1:x1:v2:hie1:q3:put1:t2:xy1:y1:qe`],
    ['an item with a salt', `d1:rd2:id20:${ID}1:k32:${KEY}4:salt1:x3:seqi7e3:sig64:${SIGNATURE}1:v2:hie1:t2:xy1:y1:re`],
    ['a value of 1,000 bytes', `d1:rd2:id20:${ID}${item}1:v1000:${'v'.repeat(1000)}e1:t2:xy1:y1:re`],
    ['an error that is none', 'd1:ei1e1:t2:xy1:y1:ee'],
    ['a type of its own', `d1:rd2:id20:${ID}e1:t2:xy1:y1:ze`],
    ['a transaction of another length', `d1:rd2:id20:${ID}e1:t3:xyz1:y1:re`],
  ])('refuse %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('may be errors, our own included', () => {
    expect(readKrpcMessage(errorAnswer(bytes('xy')))).toMatchObject({ type: 'error', transaction: bytes('xy') });
  });

  it('are signed as in the first example of BEP44', () => {
    const signed = signedBytes({ seq: 1, value: bytes('Hello World!') });
    expect(new TextDecoder().decode(signed)).toBe('3:seqi1e1:v12:Hello World!');
  });
});
