import { assertNever } from '../base/assert.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { parseCidr } from '../base/ipv4.ts';
import { matchesWildcard } from '../base/wildcard.ts';
import type { Target, TargetFilter } from '../contracts/targets.ts';
import type { PlacedSite } from './site-tree.ts';
import { withSitesBelow } from './site-tree.ts';
import { SubnetSet } from './subnet-set.ts';

/** What the server knows of an agent when it decides who is meant. */
export interface AgentFacts {
  readonly agentId: AgentId;
  /** In small letters, because the case of names does not count. */
  readonly lowerCaseName: string;
  readonly address: Ipv4 | null;
  /** Null = Unassigned. */
  readonly siteId: string | null;
  readonly tags: readonly string[];
}

export type TargetTest = (agent: AgentFacts) => boolean;

/**
 * The target as a test: lists become sets, and the tree of sites a list, once, so that testing 54,000 agents searches
 * neither 54,000 times. To be made again when sites change.
 */
export function targetTest(target: Target, sites: readonly PlacedSite[]): TargetTest {
  if (target.kind !== 'rows') return filterTest(target, sites);
  let test = filterTest(target.first, sites);
  for (const { operation, filter } of target.next) {
    const above = test;
    const row = filterTest(filter, sites);
    switch (operation) {
      case 'union':
        test = (agent) => above(agent) || row(agent);
        break;
      case 'intersect':
        test = (agent) => above(agent) && row(agent);
        break;
      case 'except':
        test = (agent) => above(agent) && !row(agent);
        break;
      default:
        assertNever(operation);
    }
  }
  return test;
}

function filterTest(filter: TargetFilter, sites: readonly PlacedSite[]): TargetTest {
  switch (filter.kind) {
    case 'all':
      return () => true;
    case 'sites': {
      const siteIds = filter.withChildren === true ? withSitesBelow(filter.siteIds, sites) : new Set(filter.siteIds);
      return ({ siteId }) => siteId !== null && siteIds.has(siteId);
    }
    case 'subnets': {
      const subnets = new SubnetSet(filter.subnets.map(parseCidr).filter((subnet): subnet is Cidr => subnet !== null));
      return ({ address }) => address !== null && subnets.contains(address);
    }
    case 'names':
      return nameTest(filter.patterns);
    case 'tags': {
      const wanted = new Set(filter.tags);
      return ({ tags }) => tags.some((tag) => wanted.has(tag));
    }
    case 'agents': {
      const agentIds = new Set<AgentId>(filter.agentIds);
      return ({ agentId }) => agentIds.has(agentId);
    }
    default:
      return assertNever(filter);
  }
}

/** Whole names are looked up, and only patterns are tried one by one. */
function nameTest(patterns: readonly string[]): TargetTest {
  const lowerCase = patterns.map((pattern) => pattern.toLowerCase());
  const names = new Set(lowerCase.filter((pattern) => !/[*?]/.test(pattern)));
  const wildcards = lowerCase.filter((pattern) => !names.has(pattern));
  return ({ lowerCaseName }) =>
    names.has(lowerCaseName) || wildcards.some((pattern) => matchesWildcard(pattern, lowerCaseName));
}
