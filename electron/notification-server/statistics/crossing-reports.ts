import type { PackageKey } from '../../../shared/base/ids.ts';
import { parseCidr } from '../../../shared/base/ipv4.ts';
import type { RouteQuery } from '../../../shared/contracts/console-routes.ts';
import type {
  DirectReasonsReport,
  FirstDownloadersReport,
  WanCopiesReport,
} from '../../../shared/contracts/reports-api.ts';
import { directBytes } from '../../../shared/server/statistics/byte-counts.ts';
import type { LongestRange, ReportRange } from '../../../shared/server/statistics/report-plan.ts';
import {
  broadMessage,
  excusedBytes,
  longestBroadMs,
  longestDaysMs,
  longestHoursMs,
  planRange,
  slicesOf,
} from '../../../shared/server/statistics/report-plan.ts';
import type { CrossedBytes } from '../../database/stores/report-store.ts';
import {
  claimsMade,
  crossedForReason,
  crossedSums,
  endOfClaim,
  factSums,
  namesOfMembers,
  reasonSums,
  takenOf,
} from '../../database/stores/report-store.ts';
import type { FilterValues } from './report-names.ts';
import { nameOfMember, resolveFilters } from './report-names.ts';
import { afterEachTurn, millisecondsOf, nextTurn } from './report-turns.ts';
import type { ReportParts } from './traffic-reports.ts';
import { refusedField } from './traffic-reports.ts';

const defaultTop = 100;
const claimsPerTurn = 25;
const wholeYear = { lengthMs: longestDaysMs, message: 'Reports are made for at most 365 days.' };
const oneMonth = {
  lengthMs: longestHoursMs,
  message: 'Over all packages and places this report is made for at most 31 days. Name a package, a site or a subnet.',
};
const broad = { lengthMs: longestBroadMs, message: broadMessage };
const dayMs = 24 * 60 * 60 * 1000;

function isNarrowQuery({ key, siteId, subnet }: FilterValues): boolean {
  return key !== undefined || siteId !== undefined || subnet !== undefined;
}

function topOf({ top }: { readonly top?: string | undefined }): number {
  return top === undefined ? defaultTop : Number(top);
}

function rangeOf(
  parts: ReportParts,
  query: { readonly fromMs?: string | undefined; readonly toMs?: string | undefined },
  longest: LongestRange,
): ReportRange {
  const request = { fromMs: millisecondsOf(query.fromMs), toMs: millisecondsOf(query.toMs) };
  const planned = planRange(request, parts.now(), longest);
  if (!planned.ok) throw refusedField(planned.error.field, planned.error.message);
  return planned.value;
}

/** How many copies of each package came into each site or subnet in a time. */
export async function wanCopiesReport(
  parts: ReportParts,
  query: RouteQuery<'wanCopiesReport'>,
): Promise<WanCopiesReport> {
  const isOfFew = isNarrowQuery(query);
  const range = rangeOf(parts, query, isOfFew ? wholeYear : oneMonth);
  const per = query.per ?? 'subnet';
  const { facts } = await resolveFilters(parts, query);
  await parts.buckets.fold();
  const { database, organisation } = parts;
  const slices = slicesOf({ ...range, sliceMs: isOfFew ? longestHoursMs : 3 * dayMs });
  const crossed = added(await afterEachTurn(slices, (slice) => crossedSums(database, slice, facts, per)));
  const excused = added(
    await afterEachTurn(slices, (slice) => crossedForReason(database, slice, facts, per, 'no-holder-online')),
  );
  const packages = await namesOfMembers(database, [...new Set([...crossed.values()].map((row) => row.packageMember))]);
  const found = [...crossed].flatMap(([id, row]) => {
    const stored = organisation.package((packages.get(row.packageMember) ?? '') as PackageKey);
    if (stored === null || row.bytes === 0 || stored.totalSizeBytes === 0) return [];
    const excusedOf = excusedBytes(row.bytes, excused.get(id)?.bytes ?? 0, stored.totalSizeBytes);
    return [{ row, stored, excusedOf, copies: (row.bytes - excusedOf) / stored.totalSizeBytes }];
  });
  found.sort((a, b) => b.copies - a.copies || b.row.bytes - a.row.bytes);
  const shown = found.slice(0, topOf(query));
  const places = shown.flatMap(({ row }) => (per === 'site' ? [row.siteMember] : [row.siteMember, row.subnetMember]));
  const names = await namesOfMembers(database, [...new Set(places)]);
  const rows = shown.map(({ row, stored, excusedOf, copies }) => {
    const siteId = names.get(row.siteMember) || null;
    return {
      siteId,
      siteName: siteId === null ? null : nameOfMember(parts, 'site', siteId),
      subnet: per === 'site' ? null : (names.get(row.subnetMember) ?? ''),
      key: stored.key,
      packageName: stored.name,
      version: stored.version,
      totalSizeBytes: stored.totalSizeBytes,
      wanBytes: row.bytes,
      excusedBytes: excusedOf,
      copies,
    };
  });
  return { ...range, per, rows };
}

function added(rows: readonly CrossedBytes[]): Map<string, CrossedBytes> {
  const sums = new Map<string, CrossedBytes>();
  for (const row of rows) {
    const id = `${row.siteMember} ${row.subnetMember} ${row.packageMember}`;
    const known = sums.get(id);
    sums.set(id, known === undefined ? row : { ...row, bytes: known.bytes + row.bytes });
  }
  return sums;
}

/** Why bytes came directly. */
export async function directReasonsReport(
  parts: ReportParts,
  query: RouteQuery<'directReasonsReport'>,
): Promise<DirectReasonsReport> {
  const range = rangeOf(parts, query, isNarrowQuery(query) ? wholeYear : broad);
  const groupBy = query.groupBy ?? 'all';
  const dimension = groupBy === 'all' ? null : groupBy;
  const { facts } = await resolveFilters(parts, query);
  await parts.buckets.fold();
  const { database } = parts;
  const slices = slicesOf({ ...range, sliceMs: 7 * dayMs });
  const sums = new Map<string, Awaited<ReturnType<typeof reasonSums>>[number]>();
  for (const row of await afterEachTurn(slices, (slice) => reasonSums(database, slice, facts, dimension))) {
    const id = `${row.memberId} ${row.source} ${row.reason}`;
    sums.set(id, { ...row, bytes: (sums.get(id)?.bytes ?? 0) + row.bytes });
  }
  const moved = await afterEachTurn(slices, (slice) => factSums(database, 'traffic_hours', slice, facts, null));
  const direct = moved.reduce((bytes, row) => bytes + directBytes(row.bytes), 0);
  const explained = [...sums.values()].reduce((bytes, row) => bytes + row.bytes, 0);
  const shown = [...sums.values()].sort((a, b) => b.bytes - a.bytes || (a.reason < b.reason ? -1 : 1));
  const top = shown.slice(0, topOf(query));
  const names = await namesOfMembers(database, [...new Set(top.map(({ memberId }) => memberId))]);
  return {
    ...range,
    groupBy,
    directBytes: direct,
    unexplainedBytes: Math.max(0, direct - explained),
    rows: top.map(({ memberId, source, reason, bytes }) => {
      const id = dimension === null ? '' : (names.get(memberId) ?? '');
      return { id, name: nameOfMember(parts, groupBy, id), source, reason, bytes };
    }),
  };
}

/** Who claimed which package for which subnet. */
export async function firstDownloadersReport(
  parts: ReportParts,
  query: RouteQuery<'firstDownloadersReport'>,
): Promise<FirstDownloadersReport> {
  const range = rangeOf(parts, query, wholeYear);
  await resolveFilters(parts, { key: query.key, agentId: query.agentId });
  const { database, organisation, directory } = parts;
  const rows: FirstDownloadersReport['rows'] = [];
  const claims = await claimsMade(database, range, query, topOf(query));
  for (const [index, claim] of claims.entries()) {
    if (index % claimsPerTurn === claimsPerTurn - 1) await nextTurn();
    const stored = organisation.package(claim.key);
    if (stored === null) continue;
    const end = await endOfClaim(database, claim);
    const taken = await takenOf(database, claim.agentId, claim.key);
    const network = parseCidr(claim.subnet);
    const siteId = network === null ? null : (organisation.siteTable.siteOf(network.network)?.siteId ?? null);
    rows.push({
      key: claim.key,
      packageName: stored.name,
      version: stored.version,
      subnet: claim.subnet,
      siteName: siteId === null ? null : nameOfMember(parts, 'site', siteId),
      epoch: claim.epoch,
      agentId: claim.agentId,
      agentName: directory.get(claim.agentId)?.name ?? claim.agentId,
      claimedAtMs: claim.atMs,
      endedAtMs: end?.atMs ?? null,
      end: end === null || end.change === 'claimed' ? null : end.change,
      ...taken,
    });
  }
  return { ...range, rows };
}
