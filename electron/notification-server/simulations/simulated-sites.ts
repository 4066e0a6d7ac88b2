import type { GivenOrganisation, SimulatedSiteFacts } from '../../../shared/contracts/simulation.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';

/** The contract's bounds for one site. */
const maximumSubnets = 256;
const maximumPackageServers = 100;
const placeOfTheOthers = 'In no site';

/** Agents of one place. */
export class PlaceCount {
  /** By subnet, as the server tells them apart. */
  readonly #subnets = new Map<string, number>();
  packageServers = 0;
  agents = 0;

  add(subnet: string | null, isPackageServer: boolean): void {
    const name = subnet ?? 'unknown';
    this.#subnets.set(name, (this.#subnets.get(name) ?? 0) + 1);
    this.agents++;
    if (isPackageServer) this.packageServers++;
  }

  /** Those of a site that is one LAN are one; what is beyond the bound is in the last. */
  subnets(sharesLan: boolean): { agents: number }[] {
    if (sharesLan) return [{ agents: this.agents }];
    const counts = [...this.#subnets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, agents]) => agents);
    const last = counts.slice(maximumSubnets - 1).reduce((sum, agents) => sum + agents, 0);
    return [...counts.slice(0, maximumSubnets - 1), ...(last > 0 ? [last] : [])].map((agents) => ({ agents }));
  }
}

export interface ModelledSites {
  readonly sites: GivenOrganisation['sites'];
  /** What is not as it is in the organisation, in plain sentences. */
  readonly notes: readonly string[];
}

/**
 * The sites as the simulator takes them. A site without agents is left out, and what is below it is below the next one
 * above that has some.
 */
export function modelledSites(
  sites: readonly StoredSite[],
  /** Agents by the id of their site; null = in none. */
  places: ReadonlyMap<string | null, PlaceCount>,
  utcOffsetMinutes: (timeZone: string) => number,
): ModelledSites {
  const byId = new Map(sites.map((site) => [site.id, site]));
  const kept = sites.filter(({ id }) => (places.get(id)?.agents ?? 0) > 0);
  const others = places.get(null);
  const nameAbove = ({ parentId }: StoredSite): string | null => {
    const above = parentId === null ? undefined : byId.get(parentId);
    if (above === undefined) return null;
    return (places.get(above.id)?.agents ?? 0) > 0 ? above.name : nameAbove(above);
  };
  const modelled = kept.map(
    (site): SimulatedSiteFacts => ({
      name: site.name,
      parent: nameAbove(site),
      locationType: site.locationType,
      utcOffsetMinutes: utcOffsetMinutes(site.timeZone),
      wanKilobitsPerSecond: site.wanKilobitsPerSecond,
      ...countsOf(places.get(site.id) ?? new PlaceCount(), site.sharesLan),
    }),
  );
  if (others !== undefined && others.agents > 0) {
    modelled.push({
      name: unusedName(new Set(kept.map(({ name }) => name))),
      parent: null,
      locationType: 'office',
      utcOffsetMinutes: 0,
      wanKilobitsPerSecond: 0,
      ...countsOf(others, false),
    });
  }
  return { sites: modelled, notes: notesOf(sites, kept, others?.agents ?? 0) };
}

function countsOf(place: PlaceCount, sharesLan: boolean): Pick<SimulatedSiteFacts, 'subnets' | 'packageServers'> {
  return {
    subnets: place.subnets(sharesLan),
    packageServers: Math.min(place.packageServers, maximumPackageServers),
  };
}

function unusedName(names: ReadonlySet<string>): string {
  let name = placeOfTheOthers;
  while (names.has(name)) name += ' *';
  return name;
}

function notesOf(sites: readonly StoredSite[], kept: readonly StoredSite[], others: number): string[] {
  const left = sites.length - kept.length;
  const hasLimits = kept.some(
    (site) => site.acquisitionSchedule !== '' || site.distributionSchedule !== '' || site.wanOutKilobitsPerSecond > 0,
  );
  return [
    ...(left > 0
      ? [left === 1 ? 'One site without agents is left out.' : `${left} sites without agents are left out.`]
      : []),
    ...(others > 0
      ? [
          `${others === 1 ? 'One agent is in no site: it is' : `${others} agents are in no site: they are`} simulated as one place with an unlimited WAN link.`,
        ]
      : []),
    ...(hasLimits
      ? [
          'Schedules and outward limits of WAN links are left out: a link has its full width into the site at all hours.',
        ]
      : []),
  ];
}
