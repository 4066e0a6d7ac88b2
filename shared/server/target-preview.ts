import { assert } from '../base/assert.ts';
import type { RankedPolicy } from './settings-resolution.ts';
import { policiesInOrder } from './settings-resolution.ts';
import type { TargetTest } from './target.ts';

export interface NamedPolicy extends RankedPolicy {
  /** Null = a policy that is not stored yet. */
  readonly id: string | null;
  readonly name: string;
}

/**
 * The policies as they would be if one of them had another target, in the order in which they are asked. `policyId` null:
 * with a new one, the last before Global. Null where there is no such policy, or it is Global, which always matches.
 */
export function policiesWithTarget(
  policies: readonly NamedPolicy[],
  policyId: string | null,
  isTargeted: TargetTest,
): NamedPolicy[] | null {
  if (policyId === null) {
    const priority = Math.max(0, ...policies.map((policy) => policy.priority)) + 1;
    return policiesInOrder([...policies, { id: null, name: 'the new policy', priority, isGlobal: false, isTargeted }]);
  }
  const changed = policies.find(({ id }) => id === policyId);
  if (changed === undefined || changed.isGlobal) return null;
  return policies.map((policy) => (policy === changed ? { ...policy, isTargeted } : policy));
}

export interface PolicyChange {
  readonly from: NamedPolicy;
  readonly to: NamedPolicy;
  agents: number;
}

/** Counts agents by the policy they have and the one they would have. */
export class PolicyChangeCount {
  readonly #changes = new Map<string, PolicyChange>();

  add(from: NamedPolicy, to: NamedPolicy): void {
    assert(from.id !== null, 'nobody has a policy that is not stored');
    if (from.id === to.id) return;
    const key = `${from.id} ${to.id ?? ''}`;
    const known = this.#changes.get(key);
    if (known === undefined) this.#changes.set(key, { from, to, agents: 1 });
    else known.agents++;
  }

  /** The largest first. */
  list(): PolicyChange[] {
    return [...this.#changes.values()].sort((a, b) => b.agents - a.agents || (a.from.name < b.from.name ? -1 : 1));
  }
}
