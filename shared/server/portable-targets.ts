import type { AgentId } from '../base/ids.ts';
import type { FileFilter, FileTarget } from '../contracts/policy-file.ts';
import type { Target, TargetFilter } from '../contracts/targets.ts';

/** What this server calls its sites and agents. */
export interface KnownNames {
  siteName(id: string): string | null;
  agentName(agentId: AgentId): string | null;
  siteIdsOf(name: string): readonly string[];
  agentIdsOf(name: string): readonly AgentId[];
}

export interface TargetProblem {
  /** Below the target, such as `siteNames.0`. */
  readonly path: string;
  readonly message: string;
}

/** The target with names instead of ids. What is not there any more is left with its id, so that nothing gets lost unseen. */
export function exportedTarget(target: Target, names: KnownNames): FileTarget {
  if (target.kind !== 'rows') return exportedFilter(target, names);
  const next = target.next.map(({ operation, filter }) => ({ operation, filter: exportedFilter(filter, names) }));
  return { kind: 'rows', first: exportedFilter(target.first, names), next };
}

function exportedFilter(filter: TargetFilter, names: KnownNames): FileFilter {
  switch (filter.kind) {
    case 'sites': {
      const { siteIds, ...rest } = filter;
      return { ...rest, siteNames: siteIds.map((id) => names.siteName(id) ?? id) };
    }
    case 'agents': {
      const agents = filter.agentIds.map((agentId) => ({ name: names.agentName(agentId) ?? '', agentId }));
      return { kind: 'agents', agents };
    }
    default:
      return filter;
  }
}

/** The target with the ids of this server. Whatever has none here, or several, is added to `problems`. */
export function importedTarget(target: FileTarget, names: KnownNames, problems: TargetProblem[]): Target {
  if (target.kind !== 'rows') return importedFilter(target, names, '', problems);
  const next = target.next.map(({ operation, filter }, index) => ({
    operation,
    filter: importedFilter(filter, names, `next.${index}.filter.`, problems),
  }));
  return { kind: 'rows', first: importedFilter(target.first, names, 'first.', problems), next };
}

function importedFilter(
  filter: FileFilter,
  names: KnownNames,
  prefix: string,
  problems: TargetProblem[],
): TargetFilter {
  switch (filter.kind) {
    case 'sites': {
      const { siteNames, ...rest } = filter;
      const siteIds = siteNames.map((name, index) => {
        const [id, ...others] = names.siteIdsOf(name);
        if (id !== undefined && others.length === 0) return id;
        const message = id === undefined ? `There is no site "${name}".` : `Several sites are called "${name}".`;
        problems.push({ path: `${prefix}siteNames.${index}`, message });
        return name;
      });
      return { ...rest, siteIds };
    }
    case 'agents': {
      const agentIds = filter.agents.map(({ name, agentId }, index) => {
        if (names.agentName(agentId) !== null) return agentId;
        const [id, ...others] = names.agentIdsOf(name);
        if (id !== undefined && others.length === 0) return id;
        const message = id === undefined ? `There is no agent "${name}".` : `Several agents are called "${name}".`;
        problems.push({ path: `${prefix}agents.${index}`, message });
        return agentId;
      });
      return { kind: 'agents', agentIds };
    }
    default:
      return filter;
  }
}
