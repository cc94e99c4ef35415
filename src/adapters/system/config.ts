// Fetches kith.config.json from beside the page. What it says, and what happens when it is wrong, is core/config.ts.
import { type ParsedConfig, parseConfig } from '../../core/config.ts';

/** Longest configuration that is read, bytes: far above any real one, far below what could hold the page up. */
const MAX_CONFIG_BYTES = 65_536;

/**
 * @param page Address of the page (document.baseURI).
 * Never rejects: a file that cannot be had is a missing one.
 */
export async function loadConfig(
  page: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<ParsedConfig> {
  return parseConfig(await configText(page, fetch), page);
}

async function configText(page: string, fetch: typeof globalThis.fetch): Promise<string | null> {
  try {
    const response = await fetch(new URL('kith.config.json', page), { cache: 'no-cache', credentials: 'same-origin' });
    if (!response.ok) return null;
    const blob = await response.blob();
    return blob.size <= MAX_CONFIG_BYTES ? await blob.text() : '';
  } catch {
    return null;
  }
}
