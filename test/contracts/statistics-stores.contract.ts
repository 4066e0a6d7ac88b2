import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import type { TrafficFactsTable, TrafficTotalsTable } from '../../electron/database/schema.ts';
import { saveEnrolment } from '../../electron/database/stores/agent-store.ts';
import { storeEvents } from '../../electron/database/stores/event-store.ts';
import { packageChangeBefore, packageChanges } from '../../electron/database/stores/package-change-store.ts';
import { topAgentMembers, totalSums } from '../../electron/database/stores/report-store.ts';
import { appendTraffic, readTrafficLog, removeTraffic } from '../../electron/database/stores/traffic-log-store.ts';
import { numberMembers, removeOldStatistics } from '../../electron/database/stores/traffic-store.ts';
import { WriteBatcher } from '../../electron/database/write-batcher.ts';
import { StatisticsKeeper } from '../../electron/notification-server/statistics/statistics-keeper.ts';
import { mostBytes } from '../../shared/base/byte-sums.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import type { PackageState } from '../../shared/contracts/package-state.ts';
import { allBytes } from '../../shared/server/statistics/byte-counts.ts';
import { planReport, sumSlicesOf } from '../../shared/server/statistics/report-plan.ts';
import { statisticsCutoffs } from '../../shared/server/statistics/retention.ts';
import { cellsOf, dayMs, hourMs } from '../../shared/server/statistics/traffic-cells.ts';
import { BucketModel, entryArbitrary, nowMs } from '../server/statistics/traffic-arbitraries.ts';
import { eachTestOpens } from './each-test-opens.ts';
import { enrolledAgent as agent } from './enrolled-agent.ts';

const seed = 20_260_301;
const entries = fc.sample(fc.array(entryArbitrary, { minLength: 700, maxLength: 700 }), { seed, numRuns: 1 })[0] ?? [];

type FactRow = Pick<TrafficFactsTable, 'at_ms' | 'site_id' | 'subnet_id' | 'package_id' | 'policy_id'>;

/** What every database does with statistics: the same as the rule in memory, each entry once. */
export function statisticsStoresContract(name: string, open: () => Promise<DatabaseAccess>): void {
  describe(`statistics stores over ${name}`, () => {
    let access: DatabaseAccess;
    let database: Database;
    let keeper: StatisticsKeeper;
    eachTestOpens(open, async (opened) => {
      access = opened;
      database = opened.database;
      keeper = new StatisticsKeeper(database, new WriteBatcher(opened.writer), () => nowMs);
    });

    test('buckets hold what the rule makes of all entries, in whatever parts they came', async () => {
      const model = new BucketModel();
      model.add(cellsOf(entries, nowMs));
      for (const part of [entries.slice(0, 300), entries.slice(300)]) {
        await appendTraffic(database, part);
        await Promise.all([keeper.fold(), keeper.fold()]);
      }
      expect(await readTrafficLog(database, 1)).toEqual([]);
      expect(await storedLines(database)).toEqual(model.lines);
    });

    test('what was not brought into the buckets before a crash is brought there after it, once', async () => {
      await appendTraffic(database, entries);
      const broken = new Error('killed');
      let writesLeft = 7;
      const dying = {
        ...access.writer,
        transact: <Result>(run: Parameters<typeof access.writer.transact<Result>>[0]): Promise<Result> =>
          access.writer.transact(async (transaction) => {
            const result = await run(transaction);
            if (writesLeft-- <= 0) throw broken;
            return result;
          }),
      };
      const doomed = new StatisticsKeeper(database, new WriteBatcher(dying), () => nowMs);
      await expect(doomed.fold()).rejects.toBe(broken);
      const left = (await readTrafficLog(database, 1000)).length;
      expect([left > 0, left < entries.length]).toEqual([true, true]);
      await keeper.fold();
      const model = new BucketModel();
      model.add(cellsOf(entries, nowMs));
      expect(await storedLines(database)).toEqual(model.lines);
    });

    test('an entry is removed from the log once', async () => {
      await appendTraffic(database, entries.slice(0, 2));
      const logged = await readTrafficLog(database, 2);
      expect(logged.map(({ entryId: _id, ...entry }) => entry)).toEqual(entries.slice(0, 2));
      await removeTraffic(database, logged);
      await expect(removeTraffic(database, logged)).rejects.toThrow(/somebody else/);
    });

    test('a sum that is past all measure stays where it is, and others go on', async () => {
      const lie = { ...(entries[0] ?? never()), reason: null, source: 'peer', bytes: mostBytes } as const;
      for (let time = 0; time < 4; time++) {
        await appendTraffic(database, [lie]);
        await keeper.fold();
      }
      const rows = await database.selectFrom('traffic_hours').select('peer_bytes').execute();
      expect(rows).toEqual([{ peer_bytes: mostBytes }]);
    });

    test('numbers of members stay, also beside others that are new', async () => {
      const first = await numberMembers(database, 'site', ['north', 'south']);
      const second = await numberMembers(database, 'site', ['south', 'west', 'north']);
      expect([second.get('north'), second.get('south'), second.size]).toEqual([
        first.get('north'),
        first.get('south'),
        3,
      ]);
      expect((await numberMembers(database, 'subnet', ['north'])).get('north')).not.toBe(first.get('north'));
    });

    test('what is too old goes in turns, and the rest stays', async () => {
      await saveEnrolment(database, agent);
      const claim = { kind: 'claim', key: '1'.repeat(40) as PackageKey, subnet: '10.0.0.0/24', epoch: 1 } as const;
      await storeEvents(database, agent.agentId, 1, [
        { ...claim, sequence: 1, atMs: nowMs - 400 * dayMs, change: 'claimed' },
        { ...claim, sequence: 2, atMs: nowMs, change: 'claimed' },
      ]);
      await appendTraffic(database, entries);
      await keeper.fold();
      const laterMs = nowMs + 364 * dayMs;
      const turns: number[] = [];
      for (let removed = -1; removed !== 0; turns.push(removed)) {
        removed = await removeOldStatistics(database, statisticsCutoffs(laterMs), 50);
      }
      expect(Math.max(...turns)).toBeLessThanOrEqual(7 * 50 + 50);
      expect(turns.length).toBeGreaterThan(3);
      expect(await database.selectFrom('traffic_minutes').selectAll().execute()).toEqual([]);
      expect(await database.selectFrom('traffic_agent_days').selectAll().execute()).toEqual([]);
      const kept = new BucketModel();
      const cutoffs = statisticsCutoffs(laterMs);
      const { hours, days, months, reasons } = cellsOf(entries, nowMs);
      kept.add({
        minutes: [],
        hours: hours.filter(({ atMs }) => atMs >= cutoffs.hoursMs),
        days: days.filter(({ atMs }) => atMs >= cutoffs.daysMs),
        agentDays: [],
        months: months.filter(({ atMs }) => atMs >= cutoffs.monthsMs),
        reasons: reasons.filter(({ atMs }) => atMs >= cutoffs.hoursMs),
      });
      expect(await storedLines(database)).toEqual(kept.lines);
      expect(await database.selectFrom('claims').select('at_ms').execute()).toEqual([{ at_ms: nowMs }]);
    });

    test('sums are the same from whole months as from their days', async () => {
      const overYear = entries.map((entry, index) => ({ ...entry, atMs: nowMs - index * 12 * hourMs }));
      await appendTraffic(database, overYear);
      await keeper.fold();
      const request = { fromMs: nowMs - 300 * dayMs, toMs: nowMs, filters: [] };
      for (const groupBy of ['all', 'site', 'package'] as const) {
        const plan = planReport({ ...request, bucket: 'day', groupBy }, nowMs);
        if (!plan.ok) throw new Error(plan.error.message);
        const subject = { dimension: groupBy, member: null };
        const byDay = await totalSums(database, 'traffic_days', plan.value, subject);
        const slices = sumSlicesOf(plan.value, 'days');
        expect(new Set(slices.map(({ table }) => table))).toEqual(new Set(['days', 'months']));
        const sums = new Map<number, number>();
        for (const slice of slices) {
          const table = slice.table === 'months' ? 'traffic_months' : 'traffic_days';
          for (const { memberId, bytes } of await totalSums(database, table, slice, subject)) {
            sums.set(memberId, (sums.get(memberId) ?? 0) + allBytes(bytes));
          }
        }
        expect(byDay.length).toBeGreaterThan(0);
        expect(sums).toEqual(new Map(byDay.map(({ memberId, bytes }) => [memberId, allBytes(bytes)])));
      }
    });

    test('agents are ranked by what they took in a time, of which the first moment counts and the last does not', async () => {
      const [before, first, second, last, after] = [dayMs, 2 * dayMs, 3 * dayMs, 4 * dayMs, 5 * dayMs] as const;
      const numbers = await numberMembers(database, 'agent', ['most', 'some', 'filler', 'outside']);
      const [most, some] = [numbers.get('most') ?? 0, numbers.get('some') ?? 0];
      const [filler, outside] = [numbers.get('filler') ?? 0, numbers.get('outside') ?? 0];
      const site = (await numberMembers(database, 'site', ['north'])).get('north') ?? 0;
      const row = (member_id: number, at_ms: number, peer_bytes: number, fill_bytes = 0) => ({
        ...{ member_id, at_ms, server_bytes: 1, own_site_bytes: 1, foreign_bytes: 1, peer_bytes, fill_bytes },
      });
      const rows = [
        row(some, first, 90),
        row(some, second, 10),
        row(most, before, 1),
        row(most, first, 60),
        row(most, second, 60),
        row(most, last, 1),
        row(filler, second, 20, 1000),
        row(outside, before, 1000),
        row(outside, last, 1000),
        row(outside, after, 1000),
      ];
      await database.insertInto('traffic_agent_days').values(rows).execute();
      const withSite = [...rows, row(site, first, 5000)];
      await database.insertInto('traffic_months').values(withSite).execute();
      for (const table of ['traffic_agent_days', 'traffic_months'] as const) {
        const time = { fromMs: first, toMs: last };
        expect(await topAgentMembers(database, table, time, 10)).toEqual([most, some, filler]);
        expect(await topAgentMembers(database, table, time, 2)).toEqual([most, some]);
      }
    });

    test('how many agents have a package follows what they tell, each event once', async () => {
      await saveEnrolment(database, agent);
      const key = '1'.repeat(40) as PackageKey;
      const event = (sequence: number, state: PackageState, atMs: number) =>
        ({ kind: 'package-state', sequence, atMs, key, state, blocks: 1, blockCount: 1, detail: '' }) as const;
      const told = [
        event(1, 'downloading', 0),
        event(2, 'ready', 61_000),
        event(3, 'installing', 62_000),
        event(4, 'installed', 63_000),
        event(5, 'failed', 2 * hourMs),
        event(6, 'ready', 2 * hourMs + 1),
      ];
      for (const part of [told.slice(0, 3), told, told]) await storeEvents(database, agent.agentId, 1, part);
      expect(await packageChanges(database, key, 0, dayMs)).toEqual([
        { atMs: 60_000, ready: 1, installed: 1, failed: 0 },
        { atMs: 2 * hourMs, ready: 0, installed: -1, failed: 0 },
      ]);
      expect(await packageChangeBefore(database, key, 2 * hourMs)).toEqual({ ready: 1, installed: 1, failed: 0 });
      expect(await packageChangeBefore(database, key, 0)).toEqual({ ready: 0, installed: 0, failed: 0 });
    });
  });
}

function never(): never {
  throw new Error('there are entries');
}

/** As `BucketModel` writes them. */
async function storedLines(database: Database): Promise<string[]> {
  const members = new Map(
    (await database.selectFrom('statistics_members').selectAll().execute()).map((row) => [row.member_id, row]),
  );
  const nameOf = (id: number): string => members.get(id)?.name ?? `no member ${id}`;
  const bytesOf = (row: TrafficTotalsTable | TrafficFactsTable) => ({
    notificationServerBytes: row.server_bytes,
    ownPackageServerBytes: row.own_site_bytes,
    foreignPackageServerBytes: row.foreign_bytes,
    peerBytes: row.peer_bytes,
    fillBytes: row.fill_bytes,
  });
  const lines: string[] = [];
  const add = (table: string, place: object, bytes: unknown): void => {
    lines.push(`${JSON.stringify([table, ...Object.entries(place).sort()])} ${JSON.stringify(bytes)}`);
  };
  const placeOf = (row: FactRow) => ({
    atMs: row.at_ms,
    siteId: nameOf(row.site_id) === '' ? null : nameOf(row.site_id),
    subnet: nameOf(row.subnet_id),
    key: nameOf(row.package_id),
    policyId: nameOf(row.policy_id),
  });
  for (const [table, stored] of [
    ['minutes', 'traffic_minutes'],
    ['hours', 'traffic_hours'],
  ] as const) {
    for (const row of await database.selectFrom(stored).selectAll().execute()) add(table, placeOf(row), bytesOf(row));
  }
  for (const [table, stored] of [
    ['days', 'traffic_days'],
    ['agentDays', 'traffic_agent_days'],
    ['months', 'traffic_months'],
  ] as const) {
    for (const row of await database.selectFrom(stored).selectAll().execute()) {
      const dimension = members.get(row.member_id)?.dimension;
      add(table, { atMs: row.at_ms, dimension, member: nameOf(row.member_id) }, bytesOf(row));
    }
  }
  for (const row of await database.selectFrom('direct_reasons').selectAll().execute()) {
    add('reasons', { ...placeOf(row), source: row.source, reason: row.reason }, row.bytes);
  }
  return lines.sort();
}
