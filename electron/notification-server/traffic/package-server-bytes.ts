import type { PackageKey } from '../../../shared/base/ids.ts';
import type { TrafficEntry } from '../../../shared/contracts/statistics.ts';
import type { Database } from '../../database/database.ts';
import { loadServedSums } from '../../database/stores/package-server-store.ts';
import { foreignSums } from '../../database/stores/report-store.ts';
import type { SentBytesOfSubnet } from './sent-bytes-ledger.ts';

/** The newest packages are what a page shows; reports know all. */
const maximumPackages = 50;

/** What Package Servers sent, as far as pages show it at once: all of it in a sum, and what crossed into subnets from other sites. */
export class PackageServerBytes {
  readonly #crossed = new Map<PackageKey, Map<string, SentBytesOfSubnet>>();
  #totalBytes = 0;

  /** `keys`: all packages, newest first. To be called when nothing waits in the traffic log. */
  static async load(database: Database, keys: readonly PackageKey[]): Promise<PackageServerBytes> {
    const bytes = new PackageServerBytes();
    for (const { bytes: served } of (await loadServedSums(database)).values()) bytes.#totalBytes += served;
    for (const row of await foreignSums(database, keys.slice(0, maximumPackages))) bytes.#cross(row);
    return bytes;
  }

  /** After the commit of an entry that a Package Server told. */
  sent(entry: TrafficEntry): void {
    this.#totalBytes += entry.bytes;
    if (entry.source === 'package-server-foreign') this.#cross(entry);
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Into subnets, from Package Servers of other sites. */
  bySubnet(): SentBytesOfSubnet[] {
    return [...this.#crossed.values()].flatMap((subnets) => [...subnets.values()]);
  }

  #cross({ key, subnet, siteId, bytes }: SentBytesOfSubnet): void {
    const subnets = this.#crossed.get(key) ?? new Map<string, SentBytesOfSubnet>();
    this.#crossed.set(key, subnets);
    subnets.set(subnet, { key, subnet, siteId, bytes: (subnets.get(subnet)?.bytes ?? 0) + bytes });
    const oldest = this.#crossed.keys().next();
    if (this.#crossed.size > maximumPackages && oldest.done !== true) this.#crossed.delete(oldest.value);
  }
}
