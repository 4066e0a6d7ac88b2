import { locationTypeSchema } from '../../../shared/contracts/conditions.ts';
import type { Site } from '../../../shared/contracts/console-api.ts';
import type { Executor } from './executor.ts';

export type StoredSite = Omit<Site, 'agents'>;

export async function loadSites(executor: Executor): Promise<StoredSite[]> {
  const sites = await executor.selectFrom('sites').selectAll().orderBy('name').execute();
  const subnets = await executor.selectFrom('site_subnets').selectAll().orderBy('position').execute();
  const bySite = new Map<string, string[]>();
  for (const { site_id, subnet } of subnets) bySite.set(site_id, [...(bySite.get(site_id) ?? []), subnet]);
  return sites.map((row) => ({
    id: row.site_id,
    name: row.name,
    subnets: bySite.get(row.site_id) ?? [],
    wanKilobitsPerSecond: row.wan_kilobits_per_second,
    locationType: locationTypeSchema.parse(row.location_type),
  }));
}

/** Adds or replaces. To be run in a transaction. */
export async function saveSite(executor: Executor, site: StoredSite): Promise<void> {
  const values = {
    name: site.name,
    wan_kilobits_per_second: site.wanKilobitsPerSecond,
    location_type: site.locationType,
  };
  await executor
    .insertInto('sites')
    .values({ site_id: site.id, ...values })
    .onConflict((conflict) => conflict.column('site_id').doUpdateSet(values))
    .executeTakeFirst();
  await executor.deleteFrom('site_subnets').where('site_id', '=', site.id).executeTakeFirst();
  for (const [position, subnet] of site.subnets.entries()) {
    await executor.insertInto('site_subnets').values({ subnet, site_id: site.id, position }).executeTakeFirst();
  }
}
