import { BLOCK_SIZE_BYTES } from '../../base/units.ts';
import { defaultAgentSettings } from '../../contracts/settings.ts';
import type { SimulationRequest } from '../../contracts/simulation.ts';
import type { SimulationPlan, SubnetPlan } from '../simulation-plan.ts';
import { faultsOf } from './fault-profiles.ts';
import type { ComputerPlace } from './office-hours.ts';
import { OfficeHours } from './office-hours.ts';
import { assumptionsOf } from './rollout-assumptions.ts';
import type { RolloutPart } from './rollout-parts.ts';
import { groupsOf, partsOf, subnetsOfGroups } from './rollout-parts.ts';
import type { RolloutSite } from './rollout-sites.ts';
import { agentsOf, sitesOf } from './rollout-sites.ts';
import { sampleOf } from './site-sample.ts';

const bytesPerMebibyte = 1_048_576;
const bytesPerKilobit = 125;
/** Of what crosses a wire in Ethernet frames, what TCP carries. */
const payloadBytesPerFrame = 1448;
const frameBytes = 1514;
/** Rates follow changes within a millisecond: nobody sees it in a rollout, and it saves most of the sharing. */
const rateQuantumUs = 1000;
/** In office hours, faults happen within the first working day of the last time zone. */
const officeFaultSpanMs = 64_800_000;

export interface RolloutPlan {
  /** Of the whole organisation. */
  readonly plan: SimulationPlan;
  /** What is simulated, each for itself: together they are the organisation. */
  readonly parts: readonly RolloutPart[];
  readonly sites: readonly RolloutSite[];
  /** By subnet: the number of its site. */
  readonly siteOfSubnet: readonly number[];
  readonly agents: number;
  /** Agents of the whole organisation, where only a part of it is simulated. */
  readonly sampledFrom: number | null;
  readonly assumptions: readonly string[];
}

/** The network, the fleet and the faults that a request asks for. */
export function planOf(request: SimulationRequest): RolloutPlan {
  const { organisation, seed, settings } = request;
  const sample = sampleOf(sitesOf(organisation), request.agentBound, seed);
  const { sites } = sample;
  const siteOfSubnet = sites.flatMap(({ subnets }, site) => subnets.map(() => site));
  const lanBytesPerSecond = goodputOf(organisation.lanKilobitsPerSecond);
  const subnets = siteOfSubnet.map((site, subnet) =>
    subnetPlanOf({ sites, siteOfSubnet, site, subnet, lanBytesPerSecond, childShare: sample.childShares[site] ?? 1 }),
  );
  const totalSizeBytes = request.packageMebibytes * bytesPerMebibyte;
  const areCarried = organisation.onlineHours === 'office' && organisation.laptopPercent > 0;
  const groups = groupsOf(sites, areCarried);
  const subnetsOfParts = subnetsOfGroups(groups, siteOfSubnet);
  const hours =
    organisation.onlineHours === 'always'
      ? null
      : officeHoursOf({ seed, subnets, subnetsOfParts, laptopPercent: organisation.laptopPercent });
  const spanMs = hours === null ? quietSpanMs(sites, totalSizeBytes) : officeFaultSpanMs;
  const plan: SimulationPlan = {
    subnets,
    packages: [{ totalSizeBytes, priority: request.priority }],
    // The organisation has addresses and ports of its own: those of the policy are of another network.
    settings: settings === null ? {} : { ...settings, additionalSubnets: [], port: defaultAgentSettings.port },
    network: { rateQuantumUs },
    directory: 'shared',
    records: 'summary',
    ...(hours === null ? {} : { onlineHours: hours }),
  };
  const faults = faultsOf(request.faults, { subnets, siteOfSubnet, sites: sites.length, spanMs, seed });
  return {
    plan,
    parts: partsOf({ seed, plan, faults, subnets: subnetsOfParts, hours }),
    sites,
    siteOfSubnet,
    agents: agentsOf(sites),
    sampledFrom: sample.sampledFrom,
    assumptions: assumptionsOf(request, sample),
  };
}

/** What blocks get of a link, bytes per second; 0 = unlimited. */
function goodputOf(kilobitsPerSecond: number): number {
  if (kilobitsPerSecond === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((kilobitsPerSecond * bytesPerKilobit * payloadBytesPerFrame) / frameBytes);
}

function subnetPlanOf(place: {
  readonly sites: readonly RolloutSite[];
  readonly siteOfSubnet: readonly number[];
  readonly site: number;
  readonly subnet: number;
  readonly lanBytesPerSecond: number;
  readonly childShare: number;
}): SubnetPlan {
  const { sites, siteOfSubnet, subnet, lanBytesPerSecond } = place;
  const site = sites[place.site];
  const firstOfSite = siteOfSubnet.indexOf(place.site);
  const numberInSite = subnet - firstOfSite;
  const agents = site?.subnets[numberInSite] ?? 1;
  const wanBytesPerSecond = goodputOf(site?.wanKilobitsPerSecond ?? 0);
  const parent = site?.parent ?? null;
  const before = (site?.subnets ?? []).slice(0, numberInSite).reduce((sum, count) => sum + count, 0);
  const serversHere = Math.min(agents, Math.max(0, (site?.packageServers ?? 0) - before));
  return {
    agents,
    wanBytesPerSecond,
    // With some of the branches missing, those that are there get no more of the link than they would.
    wanOutBytesPerSecond: Math.max(1, wanBytesPerSecond * place.childShare),
    ...(numberInSite === 0 ? {} : { wanLinkOf: firstOfSite }),
    uploadBytesPerSecond: lanBytesPerSecond,
    downloadBytesPerSecond: lanBytesPerSecond,
    utcOffsetMinutes: site?.utcOffsetMinutes ?? 0,
    site: site?.name ?? '',
    locationType: site?.locationType ?? 'office',
    ...(parent === null ? {} : { parent: siteOfSubnet.indexOf(parent) }),
    packageServers: Array.from({ length: serversHere }, (_, number) => number),
  };
}

/** Laptops are carried within their part of the organisation. */
function officeHoursOf(facts: {
  readonly seed: number;
  readonly subnets: readonly SubnetPlan[];
  readonly subnetsOfParts: readonly (readonly number[])[];
  readonly laptopPercent: number;
}): OfficeHours {
  const { seed, subnets, subnetsOfParts, laptopPercent } = facts;
  const destinations: (readonly number[])[] = [];
  for (const together of subnetsOfParts) for (const subnet of together) destinations[subnet] = together;
  return new OfficeHours({
    seed,
    places: placesOf(subnets),
    destinations: (subnet) => destinations[subnet] ?? [],
    laptopPercent,
  });
}

/** In the order in which the world numbers its computers. */
function placesOf(subnets: readonly SubnetPlan[]): ComputerPlace[] {
  return subnets.flatMap(({ agents, utcOffsetMinutes = 0, packageServers = [] }, subnet) =>
    Array.from({ length: agents }, (_, agent) => ({
      subnet,
      utcOffsetMinutes,
      isPackageServer: packageServers.includes(agent),
    })),
  );
}

/** How long the slowest link needs for the package, and as much again for the way down the tree. */
function quietSpanMs(sites: readonly RolloutSite[], totalSizeBytes: number): number {
  const rates = sites.map(({ wanKilobitsPerSecond }) => goodputOf(wanKilobitsPerSecond));
  const slowest = rates.reduce((least, rate) => Math.min(least, rate), Number.POSITIVE_INFINITY);
  const oneBlockMs = 1000;
  return Math.ceil((2000 * Math.max(totalSizeBytes, BLOCK_SIZE_BYTES)) / slowest) + oneBlockMs;
}
