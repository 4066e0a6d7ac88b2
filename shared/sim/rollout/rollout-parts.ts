import type { Fault, OnlineHoursPlan, SimulationPlan, SubnetPlan } from '../simulation-plan.ts';
import type { RolloutFault } from './fault-profiles.ts';
import { PartHours } from './part-hours.ts';
import type { RolloutSite } from './rollout-sites.ts';
import { chosenBelow } from './seeded-choice.ts';

/** Keeps the seeds of parts apart from what else is chosen by numbers. */
const partChoice = 11;
const seeds = 2 ** 32;

/** Sites that have to do with each other and with no others: nothing that happens in one part changes anything in another. */
export interface RolloutPart {
  readonly seed: number;
  readonly plan: SimulationPlan;
  readonly faults: readonly Fault[];
  /** The numbers that its subnets have in the organisation. */
  readonly subnets: readonly number[];
  readonly agents: number;
}

/**
 * By site: the number of the site that stands for its group. Sites are of one group where one downloads from a Package Server of
 * the other or of a site above both, because they share its links then, and where laptops are carried from one to the other.
 *
 * The Notification Server joins nobody: its link and its disk are never the bottleneck, and it tells each agent the same
 * whatever it tells others.
 */
export function groupsOf(sites: readonly RolloutSite[], areCarried: boolean): readonly number[] {
  const isTree = sites.some(({ parent }) => parent !== null);
  // Without a tree, a laptop that is in another site may be in any.
  if (areCarried && !isTree) return sites.map(() => 0);
  return sites.map((_, index) => {
    let group = index;
    for (let above = sites[index]?.parent ?? null; above !== null; above = sites[above]?.parent ?? null) {
      if (areCarried || (sites[above]?.packageServers ?? 0) > 0) group = above;
    }
    return group;
  });
}

/** Numbers of the subnets of each group, groups and subnets in the order of the organisation. */
export function subnetsOfGroups(groups: readonly number[], siteOfSubnet: readonly number[]): readonly number[][] {
  const subnets = new Map<number, number[]>();
  siteOfSubnet.forEach((site, subnet) => {
    const group = groups[site] ?? site;
    const known = subnets.get(group) ?? [];
    subnets.set(group, known);
    known.push(subnet);
  });
  return [...subnets.values()];
}

/** @param subnets as of `subnetsOfGroups` @param hours of the whole organisation; null = all are always on */
export function partsOf(rollout: {
  readonly seed: number;
  readonly plan: SimulationPlan;
  readonly faults: readonly RolloutFault[];
  readonly subnets: readonly (readonly number[])[];
  readonly hours: OnlineHoursPlan | null;
}): RolloutPart[] {
  const { plan, hours, faults } = rollout;
  const firstComputers = firstComputersOf(plan.subnets);
  return rollout.subnets.map((numbers) => {
    const numbersHere = new Map(numbers.map((subnet, number) => [subnet, number]));
    const subnets = numbers.flatMap((subnet) => subnetInPart(plan.subnets[subnet], subnet, numbersHere) ?? []);
    return {
      // A single part is the organisation itself.
      seed: rollout.subnets.length === 1 ? rollout.seed : chosenBelow(seeds, rollout.seed, partChoice, numbers[0] ?? 0),
      plan: {
        ...plan,
        subnets,
        ...(hours === null ? {} : { onlineHours: new PartHours(hours, numbers, plan.subnets, firstComputers) }),
      },
      faults: faults.flatMap((fault) => faultInPart(fault, numbersHere) ?? []),
      subnets: numbers,
      agents: subnets.reduce((sum, { agents }) => sum + agents, 0),
    };
  });
}

/** By subnet: the number of its first computer in the organisation. */
function firstComputersOf(subnets: readonly SubnetPlan[]): number[] {
  let next = 0;
  return subnets.map(({ agents }) => {
    const first = next;
    next += agents;
    return first;
  });
}

/** Other subnets are named by the numbers that they have in the part. */
function subnetInPart(
  plan: SubnetPlan | undefined,
  number: number,
  numbersHere: ReadonlyMap<number, number>,
): SubnetPlan | null {
  if (plan === undefined) return null;
  const { wanLinkOf, parent, ...rest } = plan;
  const parentHere = parent === undefined ? undefined : numbersHere.get(parent);
  const wanLinkHere = wanLinkOf === undefined ? undefined : numbersHere.get(wanLinkOf);
  return {
    ...rest,
    number,
    ...(parentHere === undefined ? {} : { parent: parentHere }),
    ...(wanLinkHere === undefined ? {} : { wanLinkOf: wanLinkHere }),
  };
}

/** Null where it happens elsewhere. What happens to the server happens to all. */
function faultInPart(fault: RolloutFault, numbersHere: ReadonlyMap<number, number>): Fault | null {
  if (fault.kind === 'server-down') return fault;
  if (fault.kind === 'cut-wan') {
    const subnet = numbersHere.get(fault.subnet);
    return subnet === undefined ? null : { ...fault, subnet };
  }
  const { agent } = fault;
  const subnet = numbersHere.get('subnet' in agent ? agent.subnet : agent.firstDownloaderOf);
  if (subnet === undefined) return null;
  return { ...fault, agent: 'subnet' in agent ? { ...agent, subnet } : { ...agent, firstDownloaderOf: subnet } };
}
