import { isAgentId } from '../../shared/base/ids.ts';
import type { Target, TargetFilter, TargetOperation } from '../../shared/contracts/targets.ts';
import { targetSchema } from '../../shared/contracts/targets.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

export const targetHelp =
  'all, site:NAME, site-tree:NAME (with the sites below), subnet:CIDR, name:PATTERN (with * and ?), tag:TAG or agent:NAME, and more of them after "union", "intersect" or "except"';

/** A filter as it is typed: `[kind, value]`; the value of `all` is empty. */
type TypedFilter = readonly [string, string];

interface TypedTarget {
  readonly first: TypedFilter;
  readonly next: readonly { readonly operation: TargetOperation; readonly filter: TypedFilter }[];
}

/** `site:Branch North except tag:lab` in its parts; names may have spaces. Null where it has no such form. */
export function typedTarget(text: string): TypedTarget | null {
  const filter = /^(?:all|[a-z-]+:.+)$/;
  const parts = text.trim().split(/\s+(union|intersect|except)\s+(?=all(?:\s|$)|[a-z-]+:)/);
  const [first, ...rest] = parts;
  if (first === undefined || !filter.test(first)) return null;
  const next: { operation: TargetOperation; filter: TypedFilter }[] = [];
  for (let at = 0; at < rest.length; at += 2) {
    const [operation, typed] = [rest[at], rest[at + 1]];
    if (typed === undefined || !filter.test(typed)) return null;
    next.push({ operation: operation as TargetOperation, filter: split(typed) });
  }
  return { first: split(first), next };
}

function split(typed: string): TypedFilter {
  const colon = typed.indexOf(':');
  return colon < 0 ? [typed, ''] : [typed.slice(0, colon), typed.slice(colon + 1).trim()];
}

/** The target that a person means; sites and agents are looked up by name. Throws a `CommandFailure` that says what is wrong. */
export async function parseTarget(console: ConsoleClient, text: string): Promise<Target> {
  const typed = typedTarget(text);
  if (typed === null) throw notATarget(text);
  const first = await filterOf(console, typed.first);
  const next: { operation: TargetOperation; filter: TargetFilter }[] = [];
  for (const row of typed.next) {
    next.push({ operation: row.operation, filter: await filterOf(console, row.filter) });
  }
  const parsed = targetSchema.safeParse(next.length === 0 ? first : { kind: 'rows', first, next });
  if (parsed.success) return parsed.data;
  throw new CommandFailure(exitCodes.usage, `"${text}" is not a target: ${parsed.error.issues[0]?.message ?? ''}`);
}

async function filterOf(console: ConsoleClient, [kind, value]: TypedFilter): Promise<TargetFilter> {
  switch (kind) {
    case 'all':
      return { kind: 'all' };
    case 'site':
    case 'site-tree': {
      const site = (await console.call('sites', {})).find((candidate) => candidate.name === value);
      if (site === undefined) throw new CommandFailure(exitCodes.notFound, `There is no site "${value}".`);
      return { kind: 'sites', siteIds: [site.id], ...(kind === 'site-tree' ? { withChildren: true } : {}) };
    }
    case 'subnet':
      return { kind: 'subnets', subnets: [value] };
    case 'name':
      return { kind: 'names', patterns: [value] };
    case 'tag':
      return { kind: 'tags', tags: [value] };
    case 'agent': {
      if (isAgentId(value)) return { kind: 'agents', agentIds: [value] };
      const found = (await console.call('agents', {})).filter((agent) => agent.name === value);
      const [agent, ...others] = found;
      if (agent === undefined) throw new CommandFailure(exitCodes.notFound, `There is no agent "${value}".`);
      if (others.length > 0) {
        throw new CommandFailure(exitCodes.notFound, `${found.length} agents are called "${value}"; give an id.`);
      }
      return { kind: 'agents', agentIds: [agent.agentId] };
    }
    default:
      throw notATarget(`${kind}:${value}`);
  }
}

function notATarget(text: string): CommandFailure {
  return new CommandFailure(exitCodes.usage, `"${text}" is not a target. Give ${targetHelp}.`);
}
