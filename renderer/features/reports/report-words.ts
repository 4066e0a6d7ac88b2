import type { AgentSummary, PackageSummary } from '../../../shared/contracts/console-api.ts';
import { unassignedSite } from '../../../shared/contracts/reports-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { type Grouping, type ReportAddress, type ReportFilter, type ReportName, reportPath } from './report-address.ts';

export const reportTitles: Readonly<Record<ReportName, string>> = {
  traffic: 'Traffic',
  savings: 'Savings',
  'wan-copies': 'WAN copies',
  reasons: 'Why direct?',
  'first-downloaders': 'First downloaders',
  penetration: 'Penetration',
};

export const groupingWords: Readonly<Record<Grouping, string>> = {
  all: 'All together',
  site: 'Site',
  subnet: 'Subnet',
  package: 'Package',
  policy: 'Policy',
  agent: 'Agent',
};

export interface KnownNames {
  readonly sites: readonly Site[];
  readonly packages: readonly PackageSummary[];
  readonly policies: readonly { readonly id: string; readonly name: string }[];
  readonly agents: readonly AgentSummary[];
}

/** What a filter is limited to, as people call it; what is not known any more by its id. */
export function filterWords(filter: ReportFilter, value: string, known: KnownNames): string {
  switch (filter) {
    case 'siteId':
      return value === unassignedSite ? 'Unassigned' : (known.sites.find(({ id }) => id === value)?.name ?? value);
    case 'key': {
      const found = known.packages.find(({ key }) => key === value);
      return found === undefined ? value : `${found.name} ${found.version}`;
    }
    case 'policyId':
      return known.policies.find(({ id }) => id === value)?.name ?? value;
    case 'agentId':
      return known.agents.find(({ agentId }) => agentId === value)?.name ?? value;
    case 'subnet':
    case 'deliveryId':
      return value;
  }
}

/**
 * One step down from a row: a site's subnets, a subnet's packages, an agent's own page. Null where a row leads nowhere: a
 * client without an agent, or what is filtered by already.
 */
export function drillPath(address: ReportAddress, by: Grouping, id: string): string | null {
  const into = (filter: ReportFilter, value: string, next: Grouping) =>
    reportPath({ ...address, by: next, filters: { ...address.filters, [filter]: value } });
  switch (by) {
    case 'site':
      return into('siteId', id === '' ? unassignedSite : id, 'subnet');
    case 'subnet':
      return into('subnet', id, 'package');
    case 'package':
      return address.filters.key === id
        ? null
        : into('key', id, address.filters.siteId === undefined ? 'site' : 'subnet');
    case 'policy':
      return id === '' ? null : into('policyId', id, 'site');
    case 'agent':
      return id === '' ? null : agentPath(id);
    case 'all':
      return null;
  }
}
