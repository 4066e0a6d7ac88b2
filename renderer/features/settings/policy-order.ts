import type { Policy } from '../../../shared/contracts/console-api.ts';

/** Ids of all policies but Global, which is always last: what the order is made of. */
export function orderOf(policies: readonly Policy[]): readonly string[] {
  return policies.filter((policy) => !policy.isGlobal).map((policy) => policy.id);
}

/** The order after `id` has come to the place `to` (0 = first); null where that changes nothing or it cannot move. */
export function movedTo(order: readonly string[], id: string, to: number): readonly string[] | null {
  const from = order.indexOf(id);
  if (from < 0 || to < 0 || to >= order.length || to === from) return null;
  return order.toSpliced(from, 1).toSpliced(to, 0, id);
}

/** The order after `id` has moved one place up (−1) or down (+1); null where it cannot move there. */
export function movedBy(order: readonly string[], id: string, by: -1 | 1): readonly string[] | null {
  return movedTo(order, id, order.indexOf(id) + by);
}

/** The policies in another order, Global last. Null where they are not the ones that the order names any more. */
export function inOrder(policies: readonly Policy[], order: readonly string[]): readonly Policy[] | null {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const ordered = order.flatMap((id) => byId.get(id) ?? []);
  const globals = policies.filter(({ isGlobal }) => isGlobal);
  return ordered.length === order.length && ordered.length + globals.length === policies.length
    ? [...ordered, ...globals]
    : null;
}

/** What is said after a move, of site settings too: "“Labs” is 2 of 4 now, before “Branch”." */
export function placeWords(policies: readonly Pick<Policy, 'id' | 'name'>[], id: string): string {
  const at = policies.findIndex((policy) => policy.id === id);
  const next = policies[at + 1];
  const before = next === undefined ? '' : `, before “${next.name}”`;
  return `“${policies[at]?.name ?? ''}” is ${at + 1} of ${policies.length} now${before}.`;
}

/** Where a policy comes that is dragged to `y`: as many of the other rows have their middle above it. */
export function placeAt(middles: readonly number[], from: number, y: number): number {
  return middles.filter((middle, index) => index !== from && middle < y).length;
}
