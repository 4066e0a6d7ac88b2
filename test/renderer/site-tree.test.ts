import { describe, expect, it } from 'vitest';
import {
  agentsBySubnet,
  lineage,
  matchingNodes,
  siteNodes,
  visibleNodes,
  withAllBelow,
} from '../../renderer/stores/site-tree.ts';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { PackageServer } from '../../shared/contracts/package-servers-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';

function site(id: string, parentId: string | null, agents = 0, subnets: readonly string[] = []): Site {
  return { id, name: id, parentId, agents, subnets } as Site;
}

const sites = [
  site('Berlin 10', 'Germany', 2),
  site('Berlin 2', 'Germany', 3, ['10.1.2.0/24']),
  site('Germany', 'Europe', 1),
  site('Europe', null),
  site('Asia', null, 4),
];
const names = (nodes: readonly { readonly site: Site }[]) => nodes.map(({ site: { name } }) => name);

describe('the tree of sites', () => {
  it('puts each site after its parent, siblings by name with numbers as numbers', () => {
    const nodes = siteNodes(sites, [], []);
    expect(names(nodes)).toEqual(['Asia', 'Europe', 'Germany', 'Berlin 2', 'Berlin 10']);
    expect(nodes.map(({ depth }) => depth)).toEqual([0, 0, 1, 2, 2]);
    expect(nodes.map(({ hasChildren }) => hasChildren)).toEqual([false, true, true, false, false]);
  });

  it('counts agents with those of all sites below, and marks the site that a Package Server serves', () => {
    const agents = [
      { siteName: 'Berlin 2', online: true },
      { siteName: 'Berlin 10', online: true },
      { siteName: 'Germany', online: false },
      { siteName: null, online: true },
    ] as AgentSummary[];
    const servers = [{ servesSiteId: 'Berlin 2' }, { servesSiteId: null }] as PackageServer[];
    const nodes = siteNodes(sites, agents, servers);
    const told = nodes.map((node) => [node.site.name, node.online, node.agents, node.packageServers]);
    expect(told).toEqual([
      ['Asia', 0, 4, 0],
      ['Europe', 2, 6, 0],
      ['Germany', 2, 6, 0],
      ['Berlin 2', 1, 3, 1],
      ['Berlin 10', 1, 2, 0],
    ]);
  });

  it('shows a site whose parent is not known yet at the top', () => {
    expect(siteNodes([site('Lost', 'gone')], [], []).map(({ depth }) => depth)).toEqual([0]);
  });

  it('hides what lies below a closed site, at every depth', () => {
    const nodes = siteNodes(sites, [], []);
    expect(names(visibleNodes(nodes, new Set(['Europe'])))).toEqual(['Asia', 'Europe']);
    expect(names(visibleNodes(nodes, new Set(['Germany'])))).toEqual(['Asia', 'Europe', 'Germany']);
  });

  it('finds sites by name and subnet, and keeps those above them', () => {
    const nodes = siteNodes(sites, [], []);
    expect(names(matchingNodes(nodes, '10.1.2'))).toEqual(['Europe', 'Germany', 'Berlin 2']);
    expect(names(matchingNodes(nodes, 'asia'))).toEqual(['Asia']);
    expect(names(matchingNodes(nodes, 'nowhere'))).toEqual([]);
  });

  it('knows what a site cannot be moved below, and the way from the top', () => {
    expect([...withAllBelow(sites, 'Germany')].sort()).toEqual(['Berlin 10', 'Berlin 2', 'Germany']);
    expect(lineage(sites, sites[0] as Site).map(({ name }) => name)).toEqual(['Europe', 'Germany', 'Berlin 10']);
  });

  it('counts agents by the subnet of the site that holds their address', () => {
    const agents = [
      { address: '10.1.2.3', online: true },
      { address: '10.1.200.3', online: false },
      { address: '10.9.0.1', online: true },
    ];
    expect(agentsBySubnet(['10.1.0.0/16', '10.2.0.0/24'], agents)).toEqual([
      { subnet: '10.1.0.0/16', agents: 2, online: 1 },
      { subnet: '10.2.0.0/24', agents: 0, online: 0 },
    ]);
  });

  it('ends where two sites are below each other', () => {
    const first = site('First', 'Second');
    expect(lineage([first, site('Second', 'First')], first).map(({ name }) => name)).toEqual(['Second', 'First']);
  });
});
