// For the screens, which know app/ and nothing below.
export type { Camera } from '../../core/ports/scanner.ts';
