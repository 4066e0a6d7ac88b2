import type { TotalDimension, TrafficEntry } from '../../../shared/contracts/statistics.ts';
import { statisticsCutoffs } from '../../../shared/server/statistics/retention.ts';
import { cellsOf, inCellOrder } from '../../../shared/server/statistics/traffic-cells.ts';
import type { Database } from '../../database/database.ts';
import type { LoggedEntry } from '../../database/stores/traffic-log-store.ts';
import { readTrafficLog, removeTraffic } from '../../database/stores/traffic-log-store.ts';
import { addCells, memberName, numberMembers, removeOldStatistics } from '../../database/stores/traffic-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';

/** So many are read at once: enough that many share a cell. */
const entriesPerRead = 5000;
/** And so many are added in one transaction, which takes some 10 ms. */
const entriesPerWrite = 200;
/** Rows of each table that one turn of the retention removes. */
const removedPerTurn = 500;
/** As many as agents and more; beyond, numbers are read again. */
const maximumKnownMembers = 100_000;

/**
 * Brings what was counted from the log into the buckets: in parts, each in one transaction with its removal from the log. Holds
 * nothing that is not in the database but numbers of members, which never change.
 */
export class StatisticsKeeper {
  readonly #database: Database;
  readonly #writes: WriteBatcher;
  readonly #now: () => number;
  readonly #ids = new Map<string, number>();
  #folding: Promise<void> | null = null;

  constructor(database: Database, writes: WriteBatcher, now: () => number) {
    this.#database = database;
    this.#writes = writes;
    this.#now = now;
  }

  /** Resolves when everything that was committed before is in the buckets. */
  async fold(): Promise<void> {
    // A run that goes on may have read the log before: what it did not see is for the next one.
    if (this.#folding !== null) await this.#folding.catch(() => undefined);
    this.#folding ??= this.#foldAll().finally(() => {
      this.#folding = null;
    });
    await this.#folding;
  }

  /** Removes what is too old, in turns that are short; to be called now and then. */
  async removeOld(): Promise<void> {
    const cutoffs = statisticsCutoffs(this.#now());
    let removed: number;
    do {
      removed = await this.#writes.write((transaction) => removeOldStatistics(transaction, cutoffs, removedPerTurn));
    } while (removed >= removedPerTurn);
  }

  async #foldAll(): Promise<void> {
    for (;;) {
      const entries = inCellOrder(await readTrafficLog(this.#database, entriesPerRead));
      await this.#numberMembers(entries);
      for (let first = 0; first < entries.length; first += entriesPerWrite) {
        await this.#add(entries.slice(first, first + entriesPerWrite));
      }
      if (entries.length < entriesPerRead) return;
    }
  }

  async #add(entries: readonly LoggedEntry[]): Promise<void> {
    const cells = cellsOf(entries, this.#now());
    await this.#writes.write(async (transaction) => {
      await removeTraffic(transaction, entries);
      await addCells(transaction, cells, this.#ids);
    });
  }

  async #numberMembers(entries: readonly TrafficEntry[]): Promise<void> {
    if (this.#ids.size > maximumKnownMembers) this.#ids.clear();
    for (const [dimension, nameOf] of membersOf) {
      const names = new Set(entries.map(nameOf));
      const missing = [...names].filter((name) => !this.#ids.has(memberName(dimension, name)));
      for (let first = 0; first < missing.length; first += entriesPerWrite) {
        const some = missing.slice(first, first + entriesPerWrite);
        const found = await this.#writes.write((transaction) => numberMembers(transaction, dimension, some));
        for (const [name, id] of found) this.#ids.set(memberName(dimension, name), id);
      }
    }
  }
}

const membersOf: readonly (readonly [TotalDimension, (entry: TrafficEntry) => string])[] = [
  ['all', () => ''],
  ['site', ({ siteId }) => siteId ?? ''],
  ['subnet', ({ subnet }) => subnet],
  ['package', ({ key }) => key],
  ['policy', ({ policyId }) => policyId],
  ['agent', ({ agentId }) => agentId],
];
