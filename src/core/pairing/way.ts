// How a card came from one person to the other. Only who takes it from the other's own hand has checked whose it is (PAIRING.md, "By
// link").

/**
 * card: in person, as text, code or speech. link: inside of an invitation link, through channels that may be in others' hands. number:
 * over a connection to whoever answers to a number.
 */
export const ways = ['card', 'link', 'number'] as const;

export type Way = (typeof ways)[number];
