import type {
  FactCell,
  ReasonCell,
  TotalCell,
  TotalDimension,
  TrafficBytes,
  TrafficCells,
  TrafficEntry,
} from '../../contracts/statistics.ts';
import { bytesOf, plusBytes } from './byte-counts.ts';
import { startOfMonthMs } from './calendar.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** Minutes are kept so long, whole hours of them. */
const minutesKeptMs = 24 * hourMs;

export function startOf(atMs: number, lengthMs: number): number {
  return atMs - (atMs % lengthMs);
}

/** The first minute that is still kept: those of an hour go together, so that kept minutes always add up to their hour. */
export function oldestMinuteMs(nowMs: number): number {
  return startOf(nowMs - minutesKeptMs, hourMs);
}

/**
 * The one rule of how bytes become statistics: every entry is in the hour, day and month of its time, and in its minute while
 * minutes of that hour are kept. Adding the cells of two lists is adding the cells of both together, in any order.
 */
export function cellsOf(entries: readonly TrafficEntry[], nowMs: number): TrafficCells {
  const minutes = new Sums<FactCell>();
  const hours = new Sums<FactCell>();
  const days = new Sums<TotalCell>();
  const agentDays = new Sums<TotalCell>();
  const months = new Sums<TotalCell>();
  const reasons = new Map<string, ReasonCell>();
  const oldestMs = oldestMinuteMs(nowMs);
  for (const entry of entries) {
    const { atMs, siteId, subnet, policyId, key, source, reason, agentId } = entry;
    const place = { siteId, subnet, policyId, key };
    const hour = startOf(atMs, hourMs);
    const placeId = `${siteId ?? ''} ${subnet} ${policyId} ${key}`;
    if (reason !== null) {
      const id = `${hour} ${placeId} ${source} ${reason}`;
      const bytes = (reasons.get(id)?.bytes ?? 0) + entry.bytes;
      reasons.set(id, { ...place, atMs: hour, source, reason, bytes });
      continue;
    }
    const bytes = bytesOf(entry);
    const minute = startOf(atMs, minuteMs);
    if (hour >= oldestMs) minutes.add(`${minute} ${placeId}`, { ...place, atMs: minute, bytes });
    hours.add(`${hour} ${placeId}`, { ...place, atMs: hour, bytes });
    const day = startOf(atMs, dayMs);
    const month = startOfMonthMs(atMs);
    for (const [dimension, member] of membersOf(entry)) {
      days.add(`${day} ${dimension} ${member}`, { atMs: day, dimension, member, bytes });
      months.add(`${month} ${dimension} ${member}`, { atMs: month, dimension, member, bytes });
    }
    const agent = { dimension: 'agent', member: agentId, bytes } as const;
    agentDays.add(`${day} ${agentId}`, { ...agent, atMs: day });
    months.add(`${month} agent ${agentId}`, { ...agent, atMs: month });
  }
  return {
    minutes: minutes.cells,
    hours: hours.cells,
    days: days.cells,
    agentDays: agentDays.cells,
    months: months.cells,
    reasons: [...reasons.values()],
  };
}

/** Entries of one cell stand together then, so that parts of a long list have few cells each. */
export function inCellOrder<Entry extends TrafficEntry>(entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => ({
    entry,
    sortKey: `${entry.siteId ?? ''} ${entry.subnet} ${entry.key} ${entry.policyId}`,
  }));
  keyed.sort((a, b) => (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0));
  return keyed.map(({ entry }) => entry);
}

function membersOf({ siteId, subnet, key, policyId }: TrafficEntry): readonly (readonly [TotalDimension, string])[] {
  return [
    ['all', ''],
    ['site', siteId ?? ''],
    ['subnet', subnet],
    ['package', key],
    ['policy', policyId],
  ];
}

class Sums<Cell extends { readonly bytes: TrafficBytes }> {
  readonly #cells = new Map<string, Cell>();

  add(id: string, cell: Cell): void {
    const known = this.#cells.get(id);
    this.#cells.set(id, known === undefined ? cell : { ...known, bytes: plusBytes(known.bytes, cell.bytes) });
  }

  get cells(): readonly Cell[] {
    return [...this.#cells.values()];
  }
}
