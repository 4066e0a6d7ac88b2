import type { Selectable } from 'kysely';
import { locationTypeSchema } from '../../../shared/contracts/conditions.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import type { SitesTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export type StoredSite = Omit<Site, 'agents'>;

export async function loadSites(executor: Executor): Promise<StoredSite[]> {
  const sites = await executor.selectFrom('sites').selectAll().orderBy('name').execute();
  const subnets = await executor.selectFrom('site_subnets').selectAll().orderBy('position').execute();
  const bySite = new Map<string, string[]>();
  for (const { site_id, subnet } of subnets) {
    const known = bySite.get(site_id);
    if (known === undefined) bySite.set(site_id, [subnet]);
    else known.push(subnet);
  }
  return sites.map((row) => siteOf(row, bySite.get(row.site_id) ?? []));
}

/** What tells whether anything changed since sites were read. */
export async function loadSiteVersions(executor: Executor): Promise<Map<string, number>> {
  const rows = await executor.selectFrom('sites').select(['site_id', 'version']).execute();
  return new Map(rows.map(({ site_id, version }) => [site_id, version]));
}

/** Adds or replaces; parents before the sites below them. To be run in a transaction. */
export async function saveSites(executor: Executor, sites: readonly StoredSite[]): Promise<void> {
  // A subnet may move from one of them to another: all are given up before any is taken.
  for (const { id } of sites) await executor.deleteFrom('site_subnets').where('site_id', '=', id).executeTakeFirst();
  for (const site of sites) {
    const { site_id, ...values } = rowOf(site);
    await executor
      .insertInto('sites')
      .values({ site_id, ...values })
      .onConflict((conflict) => conflict.column('site_id').doUpdateSet(values))
      .executeTakeFirst();
    for (const [position, subnet] of site.subnets.entries()) {
      await executor.insertInto('site_subnets').values({ subnet, site_id, position }).executeTakeFirst();
    }
  }
}

/** Fails where there are sites below it. */
export async function deleteSite(executor: Executor, siteId: string): Promise<void> {
  await executor.deleteFrom('sites').where('site_id', '=', siteId).executeTakeFirst();
}

function rowOf(site: StoredSite): SitesTable {
  return {
    site_id: site.id,
    name: site.name,
    wan_kilobits_per_second: site.wanKilobitsPerSecond,
    location_type: site.locationType,
    parent_site_id: site.parentId,
    wan_out_kilobits_per_second: site.wanOutKilobitsPerSecond,
    acquisition_schedule: site.acquisitionSchedule,
    distribution_schedule: site.distributionSchedule,
    time_zone: site.timeZone,
    shares_lan: site.sharesLan ? 1 : 0,
    version: site.version,
    updated_at_ms: site.updatedAtMs,
    updated_by: site.updatedBy,
  };
}

function siteOf(row: Selectable<SitesTable>, subnets: string[]): StoredSite {
  return {
    id: row.site_id,
    name: row.name,
    parentId: row.parent_site_id,
    subnets,
    wanKilobitsPerSecond: row.wan_kilobits_per_second,
    wanOutKilobitsPerSecond: row.wan_out_kilobits_per_second,
    acquisitionSchedule: row.acquisition_schedule,
    distributionSchedule: row.distribution_schedule,
    timeZone: row.time_zone,
    locationType: locationTypeSchema.parse(row.location_type),
    sharesLan: row.shares_lan === 1,
    version: row.version,
    updatedAtMs: row.updated_at_ms,
    updatedBy: row.updated_by,
  };
}
