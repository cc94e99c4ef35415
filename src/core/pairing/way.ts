// How a card came from one person to the other. Only who takes it from the other's own hand has checked whose it is (PAIRING.md, "By
// link").

/**
 * card: in person, as text, code or speech. link: inside of an invitation link, through channels that may be in others' hands. number:
 * over a connection to whoever answers to a number. member: over the session of two who are in a group together.
 */
export const ways = ['card', 'link', 'number', 'member'] as const;

export type Way = (typeof ways)[number];

/** Its owner gives it out. The others are made for whoever asks for one, are never shown, and nobody has them ready. */
export type HandedOut = Exclude<Way, 'number' | 'member'>;

export const isHandedOutBy = (way: Way): way is HandedOut => way === 'card' || way === 'link';
