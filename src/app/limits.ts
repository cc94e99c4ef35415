// Limits that screens need, under a name that ui/ may import.
export { MAX_NAME_LENGTH } from '../core/wire/limits.ts';
