// CRC-32 (ISO 3309, reflected 0xEDB88320): what Espruino's E.CRC32 computes. It finds what a radio garbles, never what somebody forges.

/** Unsigned, 32 bits. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
