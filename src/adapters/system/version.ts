// Which Kith this is, as a person can compare it with what somebody else sees.

/** "0.1.0 (1a2b3c4d5e6f)": version, and the release hash that the build put into index.html; "0.1.0 (development)" without one. */
export function appVersion(page: Document): string {
  const release = page.querySelector('meta[name="kith-release"]')?.getAttribute('content');
  return `${__KITH_VERSION__} (${release ?? 'development'})`;
}
