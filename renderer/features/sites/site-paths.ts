export const siteTabs = ['details', 'hours-in', 'hours-out'] as const;
export type SiteTab = (typeof siteTabs)[number];

/** In the place of an id: the subnets that belong to no site. Ids of sites are UUIDs. */
export const unassignedId = 'unassigned';

/** In the place of an id: the picture instead of the tree. */
export const topologyId = 'topology';

/** The address of a site, or of one of its tabs. */
export function sitePath(siteId: string, tab?: SiteTab): string {
  return tab === undefined ? `/sites/${siteId}` : `/sites/${siteId}/${tab}`;
}
