import type { WholeOrder } from '../../../shared/contracts/whole-order.ts';
import { Refusal } from '../refusal.ts';

/** What is ordered, as a refusal names it. */
interface OrderedList {
  /** Such as `the policies`. */
  readonly name: string;
  /** What an order has to name, such as `every policy but Global`. */
  readonly all: string;
}

/**
 * Refuses an order that was made from another one than is stored, and one that leaves something out or names it twice.
 *
 * @param stored read in the transaction that saves the new order: of two orders of one moment the second is refused
 */
export function refuseOtherOrder(
  stored: readonly string[],
  { ids, seen }: WholeOrder,
  { name, all }: OrderedList,
): void {
  if (seen !== undefined && stored.join() !== seen.join()) {
    throw new Refusal(
      'conflict',
      `Somebody else changed the order of ${name} meanwhile. Look at the new order, then move again.`,
    );
  }
  if (ids.length !== stored.length || stored.some((id) => !ids.includes(id))) {
    throw new Refusal('conflict', `The order has to name ${all} once. Reload and order again.`);
  }
}
