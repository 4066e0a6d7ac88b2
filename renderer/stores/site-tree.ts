import { cidrContains, parseCidr, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { PackageServer } from '../../shared/contracts/package-servers-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';

/** `Branch 2` before `Branch 10`. */
const byName = new Intl.Collator('en', { numeric: true });

/** One line of the tree. */
export interface SiteNode {
  readonly site: Site;
  /** 0 = at the top. */
  readonly depth: number;
  readonly hasChildren: boolean;
  /** With all sites below. */
  readonly agents: number;
  readonly online: number;
  /** Of the site itself. */
  readonly packageServers: number;
}

/** All sites, each after its parent, siblings by name. A site whose parent is not known yet stands at the top. */
export function siteNodes(
  sites: readonly Site[],
  agents: readonly AgentSummary[],
  packageServers: readonly PackageServer[],
): readonly SiteNode[] {
  const online = new Map<string, number>();
  for (const { siteName, online: isOnline } of agents) {
    if (siteName !== null && isOnline) online.set(siteName, (online.get(siteName) ?? 0) + 1);
  }
  const serving = new Map<string, number>();
  for (const { servesSiteId } of packageServers) {
    if (servesSiteId !== null) serving.set(servesSiteId, (serving.get(servesSiteId) ?? 0) + 1);
  }
  const below = childrenOf(sites);
  const nodes: SiteNode[] = [];
  const add = (site: Site, depth: number): { agents: number; online: number } => {
    const at = nodes.length;
    const children = below.get(site.id) ?? [];
    const sums = { agents: site.agents, online: online.get(site.name) ?? 0 };
    const node = { site, depth, hasChildren: children.length > 0, packageServers: serving.get(site.id) ?? 0 };
    nodes.push({ ...node, ...sums });
    for (const child of children) {
      const { agents: more, online: moreOnline } = add(child, depth + 1);
      sums.agents += more;
      sums.online += moreOnline;
    }
    nodes[at] = { ...node, ...sums };
    return sums;
  };
  for (const site of below.get(null) ?? []) add(site, 0);
  return nodes;
}

/** What is on the screen: without what lies below a closed site. */
export function visibleNodes(nodes: readonly SiteNode[], closed: ReadonlySet<string>): readonly SiteNode[] {
  const shown: SiteNode[] = [];
  let closedDepth = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    if (node.depth > closedDepth) continue;
    closedDepth = closed.has(node.site.id) ? node.depth : Number.POSITIVE_INFINITY;
    shown.push(node);
  }
  return shown;
}

/** The sites of which every word of `filter` occurs in name or subnets, and those above them. */
export function matchingNodes(nodes: readonly SiteNode[], filter: string): readonly SiteNode[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return nodes;
  const shown: SiteNode[] = [];
  let neededDepth = 0;
  // From the last to the first: what is above a match comes after it.
  for (const node of nodes.toReversed()) {
    const text = [node.site.name, ...node.site.subnets].join('\n').toLowerCase();
    const isMatch = words.every((word) => text.includes(word));
    if (!isMatch && node.depth >= neededDepth) continue;
    shown.push(node);
    neededDepth = node.depth;
  }
  return shown.reverse();
}

/** The ids of a site and of all below it: none of them can be its parent. */
export function withAllBelow(sites: readonly Site[], siteId: string): ReadonlySet<string> {
  const below = childrenOf(sites);
  const ids = new Set([siteId]);
  // A set that grows is walked to its end.
  for (const id of ids) for (const child of below.get(id) ?? []) ids.add(child.id);
  return ids;
}

/** Names from the top down, the site itself last. */
export function lineage(sites: readonly Site[], site: Site): readonly Site[] {
  const byId = new Map(sites.map((candidate) => [candidate.id, candidate]));
  const line = [site];
  let above = site.parentId === null ? undefined : byId.get(site.parentId);
  while (above !== undefined && !line.includes(above)) {
    line.unshift(above);
    above = above.parentId === null ? undefined : byId.get(above.parentId);
  }
  return line;
}

export interface SubnetAgents {
  readonly subnet: string;
  readonly agents: number;
  readonly online: number;
}

/** The agents of a site by the prefix of the site that holds their address: their own subnet may be smaller. */
export function agentsBySubnet(
  subnets: readonly string[],
  agents: readonly Pick<AgentSummary, 'address' | 'online'>[],
): readonly SubnetAgents[] {
  const rows = subnets.map((subnet) => ({ subnet, cidr: parseCidr(subnet), agents: 0, online: 0 }));
  for (const { address, online } of agents) {
    const parsed = parseIpv4(address);
    if (parsed === null) continue;
    // Subnets of sites never overlap.
    const row = rows.find(({ cidr }) => cidr !== null && cidrContains(cidr, parsed));
    if (row === undefined) continue;
    row.agents++;
    if (online) row.online++;
  }
  return rows.map(({ subnet, agents: all, online }) => ({ subnet, agents: all, online }));
}

function childrenOf(sites: readonly Site[]): ReadonlyMap<string | null, readonly Site[]> {
  const known = new Set(sites.map(({ id }) => id));
  const below = new Map<string | null, Site[]>();
  for (const site of sites) {
    const parentId = site.parentId !== null && known.has(site.parentId) ? site.parentId : null;
    const siblings = below.get(parentId);
    if (siblings === undefined) below.set(parentId, [site]);
    else siblings.push(site);
  }
  for (const siblings of below.values()) siblings.sort((a, b) => byName.compare(a.name, b.name));
  return below;
}
