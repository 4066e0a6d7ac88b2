import type { Policy } from '../../shared/contracts/console-api.ts';
import { formatTable } from './text-format.ts';

/** A table of policies, in their order. */
export function policyLines(policies: readonly Policy[]): string[] {
  const rows = policies.map(({ priority, name, target, appliesToAgents, version }) => [
    `${priority}`,
    name,
    target.kind,
    `${appliesToAgents}`,
    `${version}`,
  ]);
  return formatTable([['Priority', 'Name', 'Target', 'Agents', 'Version'], ...rows]);
}
