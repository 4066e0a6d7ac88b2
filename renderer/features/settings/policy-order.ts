import type { Policy } from '../../../shared/contracts/console-api.ts';

/**
 * Ids of all policies but Global, in the order after `id` has moved one place up (−1) or down (+1);
 * null where it cannot move there.
 */
export function movedIds(policies: readonly Policy[], id: string, by: -1 | 1): readonly string[] | null {
  const ids = policies.filter((policy) => !policy.isGlobal).map((policy) => policy.id);
  const from = ids.indexOf(id);
  const other = ids[from + by];
  if (from < 0 || other === undefined) return null;
  ids[from + by] = id;
  ids[from] = other;
  return ids;
}
