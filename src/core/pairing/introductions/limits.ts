// Limits of introductions, each with its reason (INTRODUCTIONS.md, "Limits"). Who introduces keeps them too, so that nothing of
// theirs is dropped.

/** Introductions of one introducer that are open with one person at a time: each asks that person something. */
export const MAX_OPEN = 8;
/** The same of an introducer whose key was never checked: they cannot be accepted before it is. */
export const MAX_OPEN_UNVERIFIED = 1;
/** In a day, answered and withdrawn ones too: whoever answers at once is not asked for ever. */
export const MAX_A_DAY = 100;

export const DAY_MS = 86_400_000;
