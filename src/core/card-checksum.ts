// For screens that ask something of a person before the node has seen a card.
import { hasValidChecksum } from './bytes/bech32m.ts';

/** Whether a card, of a person or a group, can be one. @param text Cleaned of spaces and hyphens, in lower case. */
export const hasCardChecksum = (text: string): boolean => hasValidChecksum('kith', text);
