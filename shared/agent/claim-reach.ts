import type { AgentId } from '../base/ids.ts';
import { isHostIn, parseCidr } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';

/** What decides for whom an agent waits. */
export interface ClaimReach {
  readonly configuration: Pick<NonNullable<AgentContext['configuration']>, 'site'> | null;
  readonly packageServer: AgentContext['packageServer'];
  readonly peers: { find(agentId: AgentId): { readonly address: number } | null };
}

/**
 * Whether claims and releases of the peer mean anything here. A Package Server waits for nobody outside of its site, into which
 * additional subnets may lead: who claims there may itself wait for this Package Server, over any number of others between them.
 * Inside, only those claim that fetch from the sites above. So waiting leads upwards, and ends at the Notification Server.
 */
export function heedsClaimsOf({ configuration, packageServer, peers }: ClaimReach, peer: AgentId): boolean {
  const site = configuration?.site ?? null;
  if (packageServer === null || site === null) return true;
  const address = peers.find(peer)?.address ?? null;
  if (address === null) return false;
  return site.subnets.some((subnet) => {
    const cidr = parseCidr(subnet);
    return cidr !== null && isHostIn(cidr, address);
  });
}
