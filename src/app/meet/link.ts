// My invitation link: the address of this page with a card behind its #, which no browser sends to anybody.

/** Opens Kith here. @param address The page's folder, as in Platform. */
export const linkTo = (address: string, card: string): string => `${address}#${card}`;

/** Opens whichever Kith the other person has set up for such links. */
export const handlerLink = (card: string): string => `web+kith:${card}`;

/** Nobody else's device gets to this page: it is served by this one for itself. */
export function isLocalOnly(address: string): boolean {
  const { hostname } = new URL(address);
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
