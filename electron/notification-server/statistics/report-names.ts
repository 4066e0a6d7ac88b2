import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { ReportGrouping } from '../../../shared/contracts/reports-api.ts';
import { unassignedSite } from '../../../shared/contracts/reports-api.ts';
import type { FactDimension } from '../../database/stores/report-store.ts';
import { findMembers } from '../../database/stores/traffic-store.ts';
import { Refusal } from '../refusal.ts';
import type { ServerState } from '../server-state.ts';

export type NameParts = Pick<ServerState, 'database' | 'organisation' | 'directory'>;

export interface FilterValues {
  readonly siteId?: string | undefined;
  readonly subnet?: string | undefined;
  readonly key?: PackageKey | undefined;
  readonly policyId?: string | undefined;
  readonly agentId?: AgentId | undefined;
}

/** Numbers of what a report is limited to; 0 for what is known and has moved nothing. */
export interface ResolvedFilters {
  readonly facts: { [Dimension in FactDimension]?: number };
  readonly agent: number | null;
}

const nothingMoved = 0;

/** Refuses, by field, what neither the organisation nor the statistics know. */
export async function resolveFilters(parts: NameParts, values: FilterValues): Promise<ResolvedFilters> {
  const { organisation, directory, database } = parts;
  const idOf = async (dimension: FactDimension | 'agent', name: string): Promise<number | null> =>
    (await findMembers(database, dimension, [name])).get(name) ?? null;
  const resolve = async (field: string, dimension: FactDimension | 'agent', name: string, isKnown: boolean) => {
    const id = await idOf(dimension, name);
    if (id === null && !isKnown) throw unknownName(field, dimension);
    return id ?? nothingMoved;
  };
  const facts: { [Dimension in FactDimension]?: number } = {};
  const { siteId, subnet, key, policyId, agentId } = values;
  if (siteId !== undefined) {
    const name = siteId === unassignedSite ? '' : siteId;
    facts.site = await resolve('siteId', 'site', name, name === '' || organisation.site(siteId) !== null);
  }
  // Any subnet may be one in which nobody has been yet.
  if (subnet !== undefined) facts.subnet = await resolve('subnet', 'subnet', subnet, true);
  if (key !== undefined) facts.package = await resolve('key', 'package', key, organisation.package(key) !== null);
  if (policyId !== undefined) {
    const isKnown = organisation.policies.some(({ stored }) => stored.id === policyId);
    facts.policy = await resolve('policyId', 'policy', policyId, isKnown);
  }
  const agent =
    agentId === undefined ? null : await resolve('agentId', 'agent', agentId, directory.get(agentId) !== null);
  return { facts, agent };
}

function unknownName(field: string, dimension: string): Refusal {
  const message = `There is no such ${dimension}.`;
  return new Refusal('not-found', `${field}: ${message}`, { fields: [{ path: field, message }] });
}

/** Who fetched content with a link. */
const noAgent = 'No agent';

/** What a member of a dimension is called for people. */
export function nameOfMember({ organisation, directory }: NameParts, grouping: ReportGrouping, id: string): string {
  switch (grouping) {
    case 'all':
      return 'All';
    case 'site':
      return id === '' ? 'Unassigned' : (organisation.site(id)?.name ?? 'A site that was removed');
    case 'subnet':
      return id;
    case 'package': {
      const stored = organisation.package(id as PackageKey);
      return stored === null ? id : `${stored.name} ${stored.version}`;
    }
    case 'policy':
      if (id === '') return noAgent;
      return organisation.policies.find(({ stored }) => stored.id === id)?.stored.name ?? 'A policy that was removed';
    case 'agent':
      return directory.get(id as AgentId)?.name ?? noAgent;
  }
}
