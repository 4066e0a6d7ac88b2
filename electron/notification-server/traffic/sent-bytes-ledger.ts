import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { TrafficEntry } from '../../../shared/contracts/statistics.ts';
import type { SentBytes } from '../../database/stores/sent-bytes-store.ts';
import { addSentBytes } from '../../database/stores/sent-bytes-store.ts';
import { appendTraffic } from '../../database/stores/traffic-log-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';

interface Counter {
  readonly key: PackageKey;
  readonly agentId: AgentId;
  readonly subnet: string;
  readonly siteId: string | null;
  /** All time. */
  bytes: number;
  /** Of those, not written to the database yet. */
  unwrittenBytes: number;
}

export interface SentBytesOfSubnet {
  readonly subnet: string;
  readonly siteId: string | null;
  readonly key: PackageKey;
  readonly bytes: number;
}

/** Keeps a transaction short; what is left is written with the next one. */
const maximumCountersPerWrite = 200;

/**
 * What this server's sockets sent, per package, agent, subnet and site: `directBytes` and WAN copies are sums of these
 * numbers and of nothing that an agent reports. Whole bytes, added up in memory, written about once a second.
 */
export class SentBytesLedger {
  readonly #counters = new Map<string, Counter>();
  readonly #byAgent = new Map<AgentId, number>();
  readonly #dirty = new Set<Counter>();
  readonly #onSent: (bytes: number, siteId: string | null) => void;
  readonly #entriesOf: (sent: readonly SentBytes[]) => TrafficEntry[];
  #total = 0;

  /** `onSent` hears of every portion as it leaves, for what is shown live; `entriesOf` says as what the statistics keep what is written. */
  constructor(
    stored: readonly SentBytes[],
    onSent: (bytes: number, siteId: string | null) => void,
    entriesOf: (sent: readonly SentBytes[]) => TrafficEntry[],
  ) {
    this.#onSent = onSent;
    this.#entriesOf = entriesOf;
    for (const { key, agentId, subnet, siteId, bytes } of stored) {
      this.#counters.set(`${key} ${agentId} ${subnet} ${siteId ?? ''}`, {
        key,
        agentId,
        subnet,
        siteId,
        bytes,
        unwrittenBytes: 0,
      });
      this.#add(agentId, bytes);
    }
  }

  /** The counting function of one answer. */
  counter(key: PackageKey, agentId: AgentId, subnet: string, siteId: string | null): (bytes: number) => void {
    const id = `${key} ${agentId} ${subnet} ${siteId ?? ''}`;
    const counter = this.#counters.get(id) ?? { key, agentId, subnet, siteId, bytes: 0, unwrittenBytes: 0 };
    this.#counters.set(id, counter);
    return (bytes) => {
      counter.bytes += bytes;
      counter.unwrittenBytes += bytes;
      this.#dirty.add(counter);
      this.#add(agentId, bytes);
      this.#onSent(bytes, siteId);
    };
  }

  get totalBytes(): number {
    return this.#total;
  }

  bytesToAgent(agentId: AgentId): number {
    return this.#byAgent.get(agentId) ?? 0;
  }

  bySubnet(): SentBytesOfSubnet[] {
    const sums = new Map<string, { subnet: string; siteId: string | null; key: PackageKey; bytes: number }>();
    for (const { subnet, siteId, key, bytes } of this.#counters.values()) {
      if (bytes === 0) continue;
      const id = `${subnet} ${key}`;
      const sum = sums.get(id) ?? { subnet, siteId, key, bytes: 0 };
      sum.bytes += bytes;
      sums.set(id, sum);
    }
    return [...sums.values()];
  }

  /** Writes what was counted since; what a failed write held is written with the next one. */
  async writeTo(writes: WriteBatcher): Promise<void> {
    while (this.#dirty.size > 0) {
      const counters = [...this.#dirty].slice(0, maximumCountersPerWrite);
      const portions = counters.map((counter) => ({ ...counter, bytes: counter.unwrittenBytes }));
      for (const counter of counters) {
        this.#dirty.delete(counter);
        counter.unwrittenBytes = 0;
      }
      try {
        const entries = this.#entriesOf(portions);
        await writes.write(async (transaction) => {
          await addSentBytes(transaction, portions);
          await appendTraffic(transaction, entries);
        });
      } catch (error) {
        counters.forEach((counter, index) => {
          counter.unwrittenBytes += portions[index]?.bytes ?? 0;
          this.#dirty.add(counter);
        });
        throw error;
      }
    }
  }

  #add(agentId: AgentId, bytes: number): void {
    this.#total += bytes;
    this.#byAgent.set(agentId, (this.#byAgent.get(agentId) ?? 0) + bytes);
  }
}
