/** Blocks are what is hashed, transferred and counted; the last one of a package may be shorter. */
export const BLOCK_SIZE_BYTES = 2 * 1024 * 1024;

/** KB/s of a setting (1,000-based, 0 = unlimited) as bytes per second (Infinity = unlimited). */
export function bytesPerSecondOfKilobytes(kilobytesPerSecond: number): number {
  return kilobytesPerSecond === 0 ? Number.POSITIVE_INFINITY : kilobytesPerSecond * 1000;
}

/** kbit/s of a WAN link (1,000 bit/s, 0 = unlimited) as bytes per second (Infinity = unlimited). */
export function bytesPerSecondOfKilobits(kilobitsPerSecond: number): number {
  return kilobitsPerSecond === 0 ? Number.POSITIVE_INFINITY : (kilobitsPerSecond * 1000) / 8;
}

export function blockCountOf(totalSizeBytes: number, blockSizeBytes: number): number {
  return Math.ceil(totalSizeBytes / blockSizeBytes);
}

/** Length of block `block`: `blockSizeBytes`, or less for the last one. */
export function blockLengthBytes(block: number, totalSizeBytes: number, blockSizeBytes: number): number {
  return Math.min(blockSizeBytes, totalSizeBytes - block * blockSizeBytes);
}
