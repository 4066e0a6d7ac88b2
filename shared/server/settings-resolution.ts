import { assert } from '../base/assert.ts';
import type { AgentFacts, TargetTest } from './target.ts';

export interface RankedPolicy {
  readonly priority: number;
  readonly isGlobal: boolean;
  readonly isTargeted: TargetTest;
}

/** The order in which policies are asked: by priority, Global last whatever its number says. */
export function policiesInOrder<Policy extends Pick<RankedPolicy, 'priority' | 'isGlobal'>>(
  policies: readonly Policy[],
): Policy[] {
  return [...policies].sort((a, b) => Number(a.isGlobal) - Number(b.isGlobal) || a.priority - b.priority);
}

/** The first policy that targets the agent; Global targets everybody. `ordered` comes from `policiesInOrder`. */
export function resolvePolicy<Policy extends RankedPolicy>(ordered: readonly Policy[], agent: AgentFacts): Policy {
  const found = ordered.find((policy) => policy.isGlobal || policy.isTargeted(agent));
  assert(found !== undefined, 'there is always a Global policy');
  return found;
}
