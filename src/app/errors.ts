// Error kinds under a name that ui/ may import.
export type { ErrorKind } from '../core/errors.ts';
