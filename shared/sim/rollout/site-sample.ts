import { Xoshiro128 } from '../../base/prng.ts';
import type { RolloutSite } from './rollout-sites.ts';
import { agentsAt, agentsOf } from './rollout-sites.ts';

type Drawn = Pick<SiteSample, 'sites' | 'childShares'>;

export interface SiteSample {
  readonly sites: readonly RolloutSite[];
  /** What is left of each site's load: the sites directly below it that were drawn ÷ all of them; 1 where there are none. */
  readonly childShares: readonly number[];
  /** Agents of the organisation that it was drawn from; null: these are all. */
  readonly sampledFrom: number | null;
  /** Even the smallest site has more agents than are to be simulated: these are some of them. */
  readonly isPartOfSite: boolean;
}

/**
 * Draws whole sites until no further one fits. They are put in order by kind and size and drawn evenly spread over that
 * order, so that small and large sites, with and without Package Servers, have their share. A site brings those above it.
 * Where not even one site fits, it is a part of the smallest.
 */
export function sampleOf(all: readonly RolloutSite[], agentBound: number | null, seed: number): SiteSample {
  const agents = agentsOf(all);
  if (agentBound === null || agents <= agentBound) {
    return { sites: all, childShares: all.map(() => 1), sampledFrom: null, isPartOfSite: false };
  }
  const random = new Xoshiro128((seed ^ 0x5a3) >>> 0);
  const order = spread(inStrata(all), random.below(all.length));
  const chosen = new Set<number>();
  let taken = 0;
  for (const index of order) {
    const added = withThoseAbove(all, index).filter((one) => !chosen.has(one));
    const more = added.reduce((sum, one) => sum + agentsAt(siteAt(all, one)), 0);
    if (taken + more > agentBound) continue;
    for (const one of added) chosen.add(one);
    taken += more;
  }
  if (chosen.size === 0) return { ...partOfSmallest(all, agentBound), sampledFrom: agents, isPartOfSite: true };
  return { ...renumbered(all, chosen), sampledFrom: agents, isPartOfSite: false };
}

function siteAt(sites: readonly RolloutSite[], index: number): RolloutSite {
  const site = sites[index];
  if (site === undefined) throw new RangeError(`site ${index} of ${sites.length}`);
  return site;
}

/** Where even the smallest site is too large, as many of its agents as fit. */
function partOfSmallest(all: readonly RolloutSite[], agentBound: number): Drawn {
  const [smallest] = [...all].sort((a, b) => agentsAt(a) - agentsAt(b));
  if (smallest === undefined) return { sites: [], childShares: [] };
  let left = agentBound;
  const subnets = smallest.subnets.flatMap((agents) => {
    const kept = Math.min(agents, left);
    left -= kept;
    return kept === 0 ? [] : [kept];
  });
  const packageServers = Math.min(smallest.packageServers, agentBound);
  return { sites: [{ ...smallest, parent: null, subnets, packageServers }], childShares: [1] };
}

function inStrata(sites: readonly RolloutSite[]): number[] {
  const rank = (site: RolloutSite) =>
    `${site.parent === null ? 0 : 1}${site.locationType}${Math.min(site.packageServers, 1)}`;
  return sites
    .map((site, index) => ({ index, kind: rank(site), agents: agentsAt(site) }))
    .sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.agents - b.agents || a.index - b.index))
    .map(({ index }) => index);
}

/** Every beginning of it is evenly spread over the whole: positions by their bits in reverse. */
function spread(order: readonly number[], offset: number): number[] {
  let range = 1;
  while (range < order.length) range *= 2;
  const result: number[] = [];
  for (let count = 0; count < range; count++) {
    let position = 0;
    for (let value = 1, rest = count; value < range; value *= 2, rest = Math.floor(rest / 2)) {
      position = position * 2 + (rest % 2);
    }
    const index = position < order.length ? order[(position + offset) % order.length] : undefined;
    if (index !== undefined) result.push(index);
  }
  return result;
}

function withThoseAbove(sites: readonly RolloutSite[], index: number): number[] {
  const line = [index];
  for (let above = siteAt(sites, index).parent; above !== null; above = siteAt(sites, above).parent) line.push(above);
  return line;
}

function renumbered(all: readonly RolloutSite[], chosen: ReadonlySet<number>): Drawn {
  const kept = [...chosen].sort((a, b) => a - b);
  const numbers = new Map(kept.map((index, number) => [index, number]));
  const children = (of: number, within: (index: number) => boolean) =>
    all.reduce((count, site, index) => count + (site.parent === of && within(index) ? 1 : 0), 0);
  return {
    sites: kept.map((index) => {
      const site = siteAt(all, index);
      return { ...site, parent: site.parent === null ? null : (numbers.get(site.parent) ?? null) };
    }),
    childShares: kept.map((index) => {
      const before = children(index, () => true);
      return before === 0 ? 1 : children(index, (child) => chosen.has(child)) / before;
    }),
  };
}
