import { cidrContains, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import { matchesWildcard } from '../../shared/base/wildcard.ts';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';
import type { Target, TargetFilter } from '../../shared/contracts/targets.ts';

/** The agents that a target reaches now, by what the console knows of them. */
export function agentsInTarget(
  target: Target,
  agents: readonly AgentSummary[],
  sites: readonly Site[],
): readonly AgentSummary[] {
  if (target.kind === 'rows') {
    let found = new Set(inFilter(target.first, agents, sites));
    for (const { operation, filter } of target.next) {
      const row = new Set(inFilter(filter, agents, sites));
      if (operation === 'union') found = new Set([...found, ...row]);
      else found = new Set([...found].filter((agent) => row.has(agent) === (operation === 'intersect')));
    }
    return agents.filter((agent) => found.has(agent));
  }
  return inFilter(target, agents, sites);
}

function inFilter(
  target: TargetFilter,
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
    case 'names': {
      const patterns = target.patterns.map((pattern) => pattern.toLowerCase());
      return agents.filter(({ name }) => patterns.some((pattern) => matchesWildcard(pattern, name.toLowerCase())));
    }
    case 'tags':
      return agents.filter(({ tags }) => tags.some((tag) => target.tags.includes(tag)));
    case 'sites': {
      const siteIds = new Set(target.siteIds);
      // A set gives what is added while it is walked.
      if (target.withChildren === true) {
        for (const id of siteIds) for (const site of sites) if (site.parentId === id) siteIds.add(site.id);
      }
      const names = new Set(sites.filter((site) => siteIds.has(site.id)).map((site) => site.name));
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
