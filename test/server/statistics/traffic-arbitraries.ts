import fc from 'fast-check';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import { sourceKinds } from '../../../shared/contracts/journal.ts';
import type { TrafficCells, TrafficEntry } from '../../../shared/contracts/statistics.ts';
import { noBytes, plusBytes } from '../../../shared/server/statistics/byte-counts.ts';

/** 2026-03-01 00:30 UTC: half an hour after the beginning of a month. */
export const nowMs = 1_772_325_000_000;

/** Entries of the last three days, in few places, so that cells meet. */
export const entryArbitrary: fc.Arbitrary<TrafficEntry> = fc.record({
  atMs: fc.integer({ min: nowMs - 3 * 86_400_000, max: nowMs }),
  agentId: fc.constantFrom('a', 'b', 'c').map((digit) => digit.repeat(32) as AgentId),
  siteId: fc.constantFrom(null, 'north', 'south'),
  subnet: fc.constantFrom('10.0.0.0/24', '10.0.1.0/24'),
  policyId: fc.constantFrom('global', 'laptops'),
  key: fc.constantFrom('1', '2').map((digit) => digit.repeat(40) as PackageKey),
  source: fc.constantFrom(...sourceKinds),
  reason: fc.constantFrom(null, null, 'lane', 'no-peer-known'),
  isFill: fc.boolean(),
  bytes: fc.nat(),
});

/** What a database holds after the cells were added to it, as comparable text, one line a cell. */
export class BucketModel {
  readonly #cells = new Map<string, { bytes: object | number }>();

  add(cells: TrafficCells): void {
    for (const [table, rows] of Object.entries(cells) as [string, readonly { bytes: unknown }[]][]) {
      for (const { bytes, ...place } of rows) {
        const id = JSON.stringify([table, ...Object.entries(place).sort()]);
        const known = this.#cells.get(id)?.bytes;
        if (typeof bytes === 'number') this.#cells.set(id, { bytes: ((known as number | undefined) ?? 0) + bytes });
        else {
          const counts = bytes as typeof noBytes;
          this.#cells.set(id, { bytes: plusBytes((known as typeof noBytes | undefined) ?? noBytes, counts) });
        }
      }
    }
  }

  get lines(): string[] {
    return [...this.#cells].map(([id, { bytes }]) => `${id} ${JSON.stringify(bytes)}`).sort();
  }
}
