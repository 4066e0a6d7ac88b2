import { cidrContains, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { AgentSummary, Site, Target } from '../../shared/contracts/console-api.ts';

/** The agents that a target reaches now, by what the console knows of them. */
export function agentsInTarget(
  target: Target,
  agents: readonly AgentSummary[],
  sites: readonly Site[],
): readonly AgentSummary[] {
  switch (target.kind) {
    case 'all':
      return agents;
    case 'agents': {
      const wanted = new Set<string>(target.agentIds);
      return agents.filter((agent) => wanted.has(agent.agentId));
    }
    case 'sites': {
      const names = new Set(sites.filter((site) => target.siteIds.includes(site.id)).map((site) => site.name));
      return agents.filter((agent) => agent.siteName !== null && names.has(agent.siteName));
    }
    case 'subnets': {
      const subnets = target.subnets.flatMap((text) => parseCidr(text) ?? []);
      return agents.filter((agent) => {
        const address = parseIpv4(agent.address);
        return address !== null && subnets.some((subnet) => cidrContains(subnet, address));
      });
    }
  }
}
