import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { DatabaseWriter, WriteTransaction } from '../../electron/database/database-writer.ts';
import { insertPackage } from '../../electron/database/stores/package-store.ts';
import { numberMembers } from '../../electron/database/stores/traffic-store.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { TotalDimension } from '../../shared/contracts/statistics.ts';
import { startOfMonthMs, startOfNextMonthMs } from '../../shared/server/statistics/calendar.ts';
import { agentDaysKeptMs } from '../../shared/server/statistics/retention.ts';
import { dayMs, hourMs, minuteMs, startOf } from '../../shared/server/statistics/traffic-cells.ts';

/** A year of an organisation: a package most days and a batch of five each month, each of which reaches every subnet. */
const sites = 280;
const subnets = 700;
const policies = 5;
const packages = 530;
const packageBytes = 70_000_000;
const rowsPerStatement = 400;

export interface SeededStatistics {
  readonly siteName: string;
  readonly subnet: string;
  readonly key: string;
  readonly policyId: string;
  readonly agentId: string;
  readonly hourRows: number;
}

/** Writes what a year leaves behind, of agents that `registerAgents` has written. */
export async function seedStatistics(
  writer: DatabaseWriter,
  agentCount: number,
  nowMs: number,
): Promise<SeededStatistics> {
  const random = new Xoshiro128(1);
  const keys = Array.from({ length: packages }, (_, index) => {
    const guid = `00000000-0000-4000-9000-${String(index).padStart(12, '0')}` as PackageGuid;
    return { guid, key: packageKeyOf(guid, '1.0') };
  });
  const name = (dimension: string, index: number) => `${dimension}-${index}`;
  const subnetOf = (index: number) => `10.${Math.floor(index / 256)}.${index % 256}.0/24`;
  const agentOf = (index: number) => createHash('sha256').update(`agent ${index}`).digest('hex').slice(0, 32);
  const members = async (dimension: TotalDimension, names: readonly string[]): Promise<number[]> => {
    const ids: number[] = [];
    for (let first = 0; first < names.length; first += 2000) {
      const some = names.slice(first, first + 2000);
      const found = await writer.transact((transaction) => numberMembers(transaction, dimension, some));
      for (const member of some) ids.push(found.get(member) ?? 0);
    }
    return ids;
  };
  await writer.transact(async (transaction) => {
    for (const [index, { guid, key }] of keys.entries()) {
      const more = { version: '1.0', name: name('package', index), files: 1, blockCount: 34, withdrawnAtMs: null };
      await insertPackage(transaction, { guid, key, totalSizeBytes: packageBytes, createdAtMs: 1, ...more });
    }
  });
  const all = await members('all', ['']);
  const siteIds = await members(
    'site',
    Array.from({ length: sites }, (_, index) => name('site', index)),
  );
  const subnetIds = await members(
    'subnet',
    Array.from({ length: subnets }, (_, index) => subnetOf(index)),
  );
  const packageIds = await members(
    'package',
    keys.map(({ key }) => key),
  );
  const policyIds = await members(
    'policy',
    Array.from({ length: policies }, (_, index) => name('policy', index)),
  );
  await members(
    'agent',
    Array.from({ length: agentCount }, (_, index) => agentOf(index)),
  );

  let hourRows = 0;
  const beginMs = startOf(nowMs - 364 * dayMs, dayMs);
  for (const [index, packageId] of packageIds.entries()) {
    // Five of each month on one day, the others one after the other.
    const day = index < 60 ? Math.floor(index / 5) * 30 : Math.floor(((index - 60) * 364) / (packages - 60));
    const rows = new Map<string, FactRow>();
    const reasons = new Map<string, ReasonRow>();
    for (const [subnet, subnetId] of subnetIds.entries()) {
      const agents = Math.ceil(agentCount / subnets);
      const hours = 2 + random.below(2);
      const first = 7 + random.below(10);
      for (let hour = 0; hour < hours; hour++) {
        for (let of = 0; of < 1 + random.below(2); of++) {
          const place = {
            at_ms: beginMs + day * dayMs + (first + hour) * hourMs,
            site_id: siteIds[subnet % sites] ?? 0,
            subnet_id: subnetId,
            package_id: packageId,
            policy_id: policyIds[(subnet + of) % policies] ?? 0,
          };
          const peer_bytes = Math.floor((packageBytes * agents) / hours);
          const server = hour === 0 && of === 0 ? packageBytes : 0;
          const none = { own_site_bytes: 0, foreign_bytes: 0, fill_bytes: 0 };
          rows.set(Object.values(place).join(), { ...place, ...none, server_bytes: server, peer_bytes });
          if (server > 0 || random.below(5) === 0) {
            const why = { source: 'notification-server', reason: random.below(4) === 0 ? 'no-holder-online' : 'lane' };
            reasons.set(Object.values(place).join(), { ...place, ...why, bytes: packageBytes });
          }
        }
      }
    }
    hourRows += rows.size;
    await writer.transact(async (transaction) => {
      await insertFacts(transaction, 'traffic_hours', [...rows.values()]);
      const told = [...reasons.values()];
      for (let at = 0; at < told.length; at += rowsPerStatement) {
        await transaction
          .insertInto('direct_reasons')
          .values(told.slice(at, at + rowsPerStatement))
          .execute();
      }
    });
  }
  // The last day is a busy one: five packages for everybody, each over ninety minutes.
  for (let minute = 0; minute < 1380; minute++) {
    const rows = subnetIds
      .filter((_, subnet) => (subnet * 7 + minute) % 1380 < 450)
      .map((subnetId, subnet) => ({
        at_ms: startOf(nowMs, minuteMs) - (1380 - minute) * minuteMs,
        site_id: siteIds[subnet % sites] ?? 0,
        subnet_id: subnetId,
        package_id: packageIds[minute % 5] ?? 0,
        policy_id: policyIds[subnet % policies] ?? 0,
        ...{ server_bytes: 1_000_000, own_site_bytes: 0, foreign_bytes: 0, peer_bytes: 60_000_000, fill_bytes: 0 },
      }));
    await writer.transact((transaction) => insertFacts(transaction, 'traffic_minutes', rows));
  }
  await addTotalsOfFacts(writer, nowMs, all[0] ?? 0);
  return {
    siteName: name('site', 3),
    subnet: subnetOf(3),
    key: keys[100]?.key ?? '',
    policyId: name('policy', 1),
    agentId: agentOf(3),
    hourRows,
  };
}

interface PlaceRow {
  at_ms: number;
  site_id: number;
  subnet_id: number;
  package_id: number;
  policy_id: number;
}
interface FactRow extends PlaceRow {
  server_bytes: number;
  own_site_bytes: number;
  foreign_bytes: number;
  peer_bytes: number;
  fill_bytes: number;
}
interface ReasonRow extends PlaceRow {
  source: string;
  reason: string;
  bytes: number;
}

async function insertFacts(
  transaction: WriteTransaction,
  table: 'traffic_minutes' | 'traffic_hours',
  rows: readonly FactRow[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await transaction
      .insertInto(table)
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}

/**
 * As the keeper would have: of each dimension by day and month, and of agents as if all had taken part every day. Days come one
 * after the other, which is how PostgreSQL keeps them.
 */
async function addTotalsOfFacts(writer: DatabaseWriter, nowMs: number, all: number): Promise<void> {
  const sums = sql`CAST(SUM(server_bytes) AS BIGINT), CAST(SUM(own_site_bytes) AS BIGINT),
    CAST(SUM(foreign_bytes) AS BIGINT), CAST(SUM(peer_bytes) AS BIGINT), CAST(SUM(fill_bytes) AS BIGINT)`;
  for (const member of [
    sql.ref('site_id'),
    sql.ref('subnet_id'),
    sql.ref('package_id'),
    sql.ref('policy_id'),
    sql.lit(all),
  ]) {
    await writer.transact((transaction) =>
      sql`INSERT INTO traffic_days SELECT ${member}, at_ms / ${sql.lit(dayMs)} * ${sql.lit(dayMs)}, ${sums}
        FROM traffic_hours GROUP BY 1, 2`.execute(transaction),
    );
  }
  await writer.transact((transaction) =>
    sql`INSERT INTO traffic_agent_days SELECT member_id, at_ms, ${sql.lit(1_000_000)}, 0, 0, member_id * 1000, 0
      FROM statistics_members CROSS JOIN
        (SELECT DISTINCT at_ms FROM traffic_days WHERE at_ms >= ${sql.lit(startOf(nowMs - agentDaysKeptMs, dayMs))}) AS days
      WHERE dimension = 'agent' ORDER BY at_ms, member_id`.execute(transaction),
  );
  for (let month = startOfMonthMs(nowMs - 364 * dayMs); month <= nowMs; month = startOfNextMonthMs(month)) {
    const [from, to] = [sql.lit(month), sql.lit(startOfNextMonthMs(month))];
    await writer.transact(async (transaction) => {
      await sql`INSERT INTO traffic_months SELECT member_id, ${from}, ${sums}
        FROM traffic_days WHERE at_ms >= ${from} AND at_ms < ${to} GROUP BY 1, 2`.execute(transaction);
      await sql`INSERT INTO traffic_months SELECT member_id, ${from}, 1000000, 0, 0, member_id * 1000, 0
        FROM statistics_members WHERE dimension = 'agent'`.execute(transaction);
    });
  }
}
