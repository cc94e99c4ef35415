// What stands behind the # of the address: the card of an invitation link, which is a secret. It is read once and taken out of the
// address and of the history at once; the page itself never puts anything there.

/** Without the #; '' when there is nothing. */
export function takeFragment(): string {
  const [address, ...parts] = location.href.split('#');
  if (parts.length > 0) history.replaceState(history.state, '', address);
  return parts.join('#');
}

/** The address was changed behind the #, by a link or by hand: the browser has put an entry of its own on top of the history. */
export function watchFragments(listener: (fragment: string) => void): void {
  addEventListener('hashchange', () => listener(takeFragment()));
}
