// Fetches kith.config.json from beside the page. What it says, and what happens when it is wrong, is core/config.ts.
import { type ParsedConfig, parseConfig } from '../../core/config.ts';
import { clockOffset } from './host-clock.ts';

/** Longest configuration that is read, bytes: far above any real one, far below what could hold the page up. */
const MAX_CONFIG_BYTES = 65_536;
const HOUR_MS = 3_600_000;
/** From a day on some ways to find people fail, from two on all of them. */
const CLOCK_OFF_HOURS = 20;

/**
 * @param page Address of the page (document.baseURI).
 * Never rejects: a file that cannot be had is a missing one.
 */
export async function loadConfig(
  page: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
  now: () => number = Date.now,
): Promise<ParsedConfig> {
  const { text, offset } = await answered(page, fetch, now);
  const parsed = parseConfig(text, page);
  return { ...parsed, error: parsed.error ?? clockError(offset) };
}

function clockError(offset: number): ParsedConfig['error'] {
  if (Math.abs(offset) < CLOCK_OFF_HOURS * HOUR_MS) return null;
  return { kind: 'clock-off', detail: { hours: Math.round(offset / HOUR_MS) } };
}

interface Answered {
  readonly text: string | null;
  /** Of this device's clock, ms. */
  readonly offset: number;
}

const nothing: Answered = { text: null, offset: 0 };

async function answered(page: string, fetch: typeof globalThis.fetch, now: () => number): Promise<Answered> {
  const asked = now();
  try {
    const response = await fetch(new URL('kith.config.json', page), { cache: 'no-cache', credentials: 'same-origin' });
    if (!response.ok) return nothing;
    const offset = clockOffset(response.headers, asked, now());
    const blob = await response.blob();
    return { text: blob.size <= MAX_CONFIG_BYTES ? await blob.text() : '', offset };
  } catch {
    return nothing;
  }
}
