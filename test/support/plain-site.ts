import type { StoredSite } from '../../electron/database/stores/site-store.ts';

/** A site that is called like its id, stands alone and limits nothing. */
export function plainSite(id: string, more: Partial<StoredSite> = {}): StoredSite {
  return {
    id,
    name: id,
    parentId: null,
    subnets: [],
    wanKilobitsPerSecond: 0,
    wanOutKilobitsPerSecond: 0,
    acquisitionSchedule: '',
    distributionSchedule: '',
    timeZone: 'UTC',
    locationType: 'office',
    sharesLan: false,
    version: 1,
    updatedAtMs: 1,
    updatedBy: 'x',
    ...more,
  };
}
