import { assertNever } from '../base/assert.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains, parseCidr } from '../base/ipv4.ts';
import type { Target } from '../contracts/console-api.ts';

/** What the server knows of an agent when it decides who is meant. */
export interface AgentFacts {
  readonly agentId: AgentId;
  readonly address: Ipv4 | null;
  /** Null = Unassigned. */
  readonly siteId: string | null;
}

export type TargetTest = (agent: AgentFacts) => boolean;

/** The target as a test: lists become sets once, so that testing 54,000 agents does not search lists 54,000 times. */
export function targetTest(target: Target): TargetTest {
  switch (target.kind) {
    case 'all':
      return () => true;
    case 'sites': {
      const siteIds = new Set(target.siteIds);
      return (agent) => agent.siteId !== null && siteIds.has(agent.siteId);
    }
    case 'subnets': {
      const subnets = target.subnets.map(parseCidr).filter((subnet): subnet is Cidr => subnet !== null);
      return ({ address }) => address !== null && subnets.some((subnet) => cidrContains(subnet, address));
    }
    case 'agents': {
      const agentIds = new Set<AgentId>(target.agentIds);
      return (agent) => agentIds.has(agent.agentId);
    }
    default:
      return assertNever(target);
  }
}
