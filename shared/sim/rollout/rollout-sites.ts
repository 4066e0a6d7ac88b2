import type { GeneratedOrganisation, SimulatedOrganisation, SimulatedSiteFacts } from '../../contracts/simulation.ts';

/** Agents of one subnet of a generated site: about what one floor's switches carry. */
const generatedSubnetAgents = 250;
/** The simulator's subnets have room for 1,000; the rest is for computers that are carried there. */
const largestSubnetAgents = 800;

/** A site of the organisation that is simulated. */
export interface RolloutSite {
  readonly name: string;
  /** Number of the site above; null = below the Notification Server. */
  readonly parent: number | null;
  readonly locationType: SimulatedSiteFacts['locationType'];
  readonly utcOffsetMinutes: number;
  /** 1,000 bit/s each way, 0 = unlimited. */
  readonly wanKilobitsPerSecond: number;
  /** Agents of each subnet. */
  readonly subnets: readonly number[];
  readonly packageServers: number;
}

export function sitesOf(organisation: SimulatedOrganisation): RolloutSite[] {
  return organisation.kind === 'generated' ? generatedSites(organisation) : givenSites(organisation.sites);
}

export function agentsOf(sites: readonly RolloutSite[]): number {
  return sites.reduce((sum, site) => sum + agentsAt(site), 0);
}

export function agentsAt({ subnets }: RolloutSite): number {
  return subnets.reduce((sum, agents) => sum + agents, 0);
}

function generatedSites(organisation: GeneratedOrganisation): RolloutSite[] {
  const { agents, sites, regions, packageServers, utcOffsetsMinutes } = organisation;
  return Array.from({ length: sites }, (_, index) => {
    const isRegion = index < regions;
    const parent = isRegion || regions === 0 ? null : (index - regions) % regions;
    const hasPackageServer = packageServers === 'branches' || (packageServers === 'regions' && isRegion);
    const agentsHere = Math.floor(agents / sites) + (index < agents % sites ? 1 : 0);
    return {
      name: isRegion ? `Region ${index + 1}` : `Branch ${index - regions + 1}`,
      parent,
      locationType: 'office',
      utcOffsetMinutes: utcOffsetsMinutes[(parent ?? index) % utcOffsetsMinutes.length] ?? 0,
      wanKilobitsPerSecond: isRegion ? organisation.regionKilobitsPerSecond : organisation.branchKilobitsPerSecond,
      subnets: portionsOf(agentsHere, generatedSubnetAgents),
      packageServers: hasPackageServer ? 1 : 0,
    };
  });
}

function givenSites(sites: readonly SimulatedSiteFacts[]): RolloutSite[] {
  const numbers = new Map(sites.map(({ name }, index) => [name, index]));
  return sites.map((site) => ({
    ...site,
    parent: site.parent === null ? null : (numbers.get(site.parent) ?? null),
    subnets: site.subnets.flatMap(({ agents }) => portionsOf(agents, largestSubnetAgents)),
  }));
}

/** As few as possible, as even as possible. */
function portionsOf(agents: number, atMost: number): number[] {
  const portions = Math.ceil(agents / atMost);
  return Array.from({ length: portions }, (_, index) => Math.floor((agents + index) / portions));
}
