import type { Cidr } from '../base/ipv4.ts';
import { formatCidr, parseCidr } from '../base/ipv4.ts';
import type { UnassignedSubnet } from '../contracts/sites-api.ts';
import type { SiteSubnets } from './site-assignment.ts';

const maximumSuggestions = 3;
/** Networks whose numbers differ before this bit have nothing to do with each other. */
const fewestCommonBits = 16;
const mostListed = 1000;

/** Subnets that no site contains, those with most agents first, each with the sites whose numbers are closest. */
export function unassignedSubnets(
  agentsBySubnet: ReadonlyMap<string, number>,
  sites: readonly SiteSubnets[],
): UnassignedSubnet[] {
  const taken = sites.flatMap((site) => site.subnets.flatMap((text) => takenSubnet(site, text)));
  return [...agentsBySubnet]
    .sort(([a, agentsOfA], [b, agentsOfB]) => agentsOfB - agentsOfA || (a < b ? -1 : 1))
    .slice(0, mostListed)
    .map(([subnet, agents]) => ({ subnet, agents, suggestions: suggestionsFor(subnet, taken) }));
}

interface TakenSubnet {
  readonly siteId: string;
  readonly siteName: string;
  readonly cidr: Cidr;
}

function takenSubnet({ id, name }: SiteSubnets, text: string): TakenSubnet[] {
  const cidr = parseCidr(text);
  return cidr === null ? [] : [{ siteId: id, siteName: name, cidr }];
}

function suggestionsFor(subnet: string, taken: readonly TakenSubnet[]): UnassignedSubnet['suggestions'] {
  const cidr = parseCidr(subnet);
  if (cidr === null) return [];
  const near = taken
    .map((entry) => ({ entry, distance: (entry.cidr.network ^ cidr.network) >>> 0 }))
    .filter(({ distance }) => Math.clz32(distance) >= fewestCommonBits)
    .sort((a, b) => a.distance - b.distance || (a.entry.siteName < b.entry.siteName ? -1 : 1));
  const suggestions = new Map<string, UnassignedSubnet['suggestions'][number]>();
  for (const { entry } of near) {
    if (suggestions.size >= maximumSuggestions) break;
    if (suggestions.has(entry.siteId)) continue;
    const { siteId, siteName } = entry;
    suggestions.set(siteId, { siteId, siteName, nearSubnet: formatCidr(entry.cidr) });
  }
  return [...suggestions.values()];
}
