// What a picture's first bytes say, under a name that ui/ may import.
export { HEADER_BYTES, type ImageHeader, readImageHeader, safeImageHeader } from '../core/image-header.ts';
