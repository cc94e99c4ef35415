// Which Kith this is, as a person can compare it with what somebody else sees.

/** Version of package.json, e.g. "0.1.0". */
export const version: string = __KITH_VERSION__;

/** The release hash that the build put into index.html (12 hexadecimal digits); '' while developing. */
export function releaseOf(page: Document): string {
  return page.querySelector('meta[name="kith-release"]')?.getAttribute('content') ?? '';
}
