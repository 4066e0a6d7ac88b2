import { additionalSubnets } from '../../../shared/base/additional-subnets.ts';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { parseCidr } from '../../../shared/base/ipv4.ts';
import type { PackageState } from '../../../shared/contracts/package-state.ts';
import type { PlacedPolicy } from '../../../shared/server/mutual-subnets.ts';
import type { AgentDirectory, AgentRecord } from '../agents/agent-directory.ts';
import { forEachAgent } from '../agents/agent-turns.ts';
import type { Resolver } from '../agents/resolution.ts';

/** How far the agents of a set are with a package. */
export interface Progress {
  agents: number;
  ready: number;
  downloading: number;
  failed: number;
}

export const noProgress: Readonly<Progress> = { agents: 0, ready: 0, downloading: 0, failed: 0 };

/** Everything that the console counts over all agents, from one pass. */
export interface Tally {
  readonly byPolicy: ReadonlyMap<string, number>;
  readonly bySite: ReadonlyMap<string, number>;
  readonly byDelivery: ReadonlyMap<string, Progress>;
  readonly byPackage: ReadonlyMap<PackageKey, Progress>;
  readonly bySubnetAndPackage: ReadonlyMap<string, Progress>;
  /** Each subnet with each policy that holds for agents there. */
  readonly places: readonly PlacedPolicy[];
}

export function subnetAndPackage(subnet: string, key: PackageKey): string {
  return `${subnet} ${key}`;
}

export function isOnDisk(state: PackageState | undefined): boolean {
  return state === 'ready' || state === 'installing' || state === 'installed';
}

/** The distinct packages that deliveries bring to the agent. */
export function assignedKeys(record: AgentRecord, resolver: Resolver): Set<PackageKey> {
  return new Set(resolver.resolve(record).deliveries.map((delivery) => delivery.key));
}

export async function tallyOf(directory: AgentDirectory, resolver: Resolver): Promise<Tally> {
  const byPolicy = new Map<string, number>();
  const bySite = new Map<string, number>();
  const byDelivery = new Map<string, Progress>();
  const byPackage = new Map<PackageKey, Progress>();
  const bySubnetAndPackage = new Map<string, Progress>();
  const places = new Map<string, PlacedPolicy>();
  await forEachAgent(directory, (record) => {
    const { policy, site, subnet, deliveries } = resolver.resolve(record);
    count(byPolicy, policy.id);
    const cidr = subnet === null ? null : parseCidr(subnet);
    if (cidr !== null) {
      const siblings = additionalSubnets([], site);
      places.set(`${subnet} ${policy.id}`, { subnet: cidr, policyId: policy.id, siblings });
    }
    if (site !== null) count(bySite, site.id);
    for (const delivery of deliveries) add(byDelivery, delivery.id, record.packages.get(delivery.key)?.state);
    for (const key of assignedKeys(record, resolver)) {
      const state = record.packages.get(key)?.state;
      add(byPackage, key, state);
      if (subnet !== null) add(bySubnetAndPackage, subnetAndPackage(subnet, key), state);
    }
  });
  return { byPolicy, bySite, byDelivery, byPackage, bySubnetAndPackage, places: [...places.values()] };
}

function count(map: Map<string, number>, id: string): void {
  map.set(id, (map.get(id) ?? 0) + 1);
}

function add<Id extends string>(map: Map<Id, Progress>, id: Id, state: PackageState | undefined): void {
  const progress = map.get(id) ?? { ...noProgress };
  progress.agents++;
  if (isOnDisk(state)) progress.ready++;
  else if (state === 'downloading') progress.downloading++;
  else if (state === 'failed') progress.failed++;
  map.set(id, progress);
}
