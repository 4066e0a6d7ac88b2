import type { Target, TargetFilter, TargetOperation } from '../../shared/contracts/targets.ts';
import { targetSchema } from '../../shared/contracts/targets.ts';

/** One line of the target editor. The first row's operation is not used: there is nothing before it. */
export interface TargetRow {
  readonly operation: TargetOperation;
  readonly filter: TargetFilter;
}

export const filterWords: Record<TargetFilter['kind'], string> = {
  all: 'All agents',
  sites: 'Sites',
  subnets: 'Subnets',
  names: 'Computer names',
  tags: 'Tags',
  agents: 'Single agents',
};

export const filterKinds = Object.keys(filterWords) as readonly TargetFilter['kind'][];

export const operationLabels: Record<TargetOperation, string> = {
  union: 'Union: and also',
  intersect: 'Intersect: only those in',
  except: 'Except: without',
};

/** What a row begins with: nothing is listed yet. */
export function emptyFilter(kind: TargetFilter['kind']): TargetFilter {
  switch (kind) {
    case 'all':
      return { kind };
    case 'sites':
      return { kind, siteIds: [] };
    case 'subnets':
      return { kind, subnets: [] };
    case 'names':
      return { kind, patterns: [] };
    case 'tags':
      return { kind, tags: [] };
    case 'agents':
      return { kind, agentIds: [] };
  }
}

export function rowsOf(target: Target): readonly TargetRow[] {
  return target.kind === 'rows'
    ? [{ operation: 'union', filter: target.first }, ...target.next]
    : [{ operation: 'union', filter: target }];
}

/** One row alone is its filter. */
export function targetOf(rows: readonly TargetRow[]): Target {
  const [first, ...next] = rows;
  const filter = first?.filter ?? { kind: 'all' };
  return next.length === 0 ? filter : { kind: 'rows', first: filter, next: [...next] };
}

/** What is wrong, by the number of the row. A list names its line. */
export function targetProblems(target: Target): ReadonlyMap<number, string> {
  const problems = new Map<number, string>();
  for (const { path, message } of targetSchema.safeParse(target).error?.issues ?? []) {
    const row = path[0] === 'next' && typeof path[1] === 'number' ? path[1] + 1 : 0;
    const line = path.slice(path[0] === 'next' ? 2 : 0).find((part) => typeof part === 'number');
    if (!problems.has(row)) problems.set(row, line === undefined ? message : `Line ${line + 1}: ${message}`);
  }
  return problems;
}

/** The agents that were meant by what was pasted: names or addresses, whatever the case. */
export function agentsNamed<Agent extends { readonly name: string; readonly address: string }>(
  lines: readonly string[],
  agents: readonly Agent[],
): { readonly found: readonly Agent[]; readonly unknown: readonly string[] } {
  const byName = new Map<string, Agent[]>();
  for (const agent of agents) {
    for (const key of [agent.name.toLowerCase(), agent.address]) byName.set(key, [...(byName.get(key) ?? []), agent]);
  }
  const found = new Set<Agent>();
  const unknown: string[] = [];
  for (const line of lines) {
    const meant = byName.get(line.toLowerCase());
    if (meant === undefined) unknown.push(line);
    else for (const agent of meant) found.add(agent);
  }
  return { found: [...found], unknown };
}
