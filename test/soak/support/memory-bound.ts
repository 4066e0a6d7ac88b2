import type { Failures } from './campaign.ts';
import type { Measurement } from './target-messages.ts';

/** What every bounded table may hold when it is full, and what the collector leaves lying about. */
const maxHeapGrowthBytes = 24_000_000;
/**
 * The allocator keeps pages for itself. A Notification Server grew by 103 MB in its first 2,000 attacks, and by 133 MB in
 * 50,000, with a heap that did not grow at all: what would leak shows in the heap, and in the rest at full count.
 */
const maxRssGrowthBytes = 160_000_000;

/**
 * Node 24.21 itself keeps about 4.5 KB of native memory for every connection that showed a client certificate, also in a
 * server of five lines; without one it keeps nothing.
 */
const keptByNodePerConnectionBytes = 6000;

/**
 * Compares two moments, both under the same load and after a garbage collection; gives figures in MB. The connections
 * between them are those that no code of ours can make cheaper.
 */
export function checkMemory(
  before: Measurement,
  after: Measurement,
  failures: Failures,
  connections = 0,
): Record<string, number> {
  const heapGrowth = after.heapUsedBytes - before.heapUsedBytes;
  const rssGrowth = after.rssBytes - before.rssBytes;
  if (heapGrowth > maxHeapGrowthBytes) failures.add(`the heap grew by ${megabytes(heapGrowth)} MB`);
  if (rssGrowth > maxRssGrowthBytes + connections * keptByNodePerConnectionBytes)
    failures.add(`resident memory grew by ${megabytes(rssGrowth)} MB`);
  return {
    heapBeforeMB: megabytes(before.heapUsedBytes),
    heapAfterMB: megabytes(after.heapUsedBytes),
    rssBeforeMB: megabytes(before.rssBytes),
    rssAfterMB: megabytes(after.rssBytes),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 100_000) / 10;
}
