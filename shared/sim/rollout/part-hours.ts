import type { HoursChange, OnlineHoursPlan, SubnetPlan } from '../simulation-plan.ts';

/** The online hours of the organisation, for computers and subnets as a part of it numbers them. */
export class PartHours implements OnlineHoursPlan {
  readonly #hours: OnlineHoursPlan;
  /** By the computers' numbers in the part: those in the organisation. */
  readonly #computers: Uint32Array;
  /** By the subnets' numbers in the organisation: those in the part. */
  readonly #numbersHere: ReadonlyMap<number, number>;

  /**
   * @param numbers        of the part's subnets, in the organisation
   * @param firstComputers by subnet of the organisation
   */
  constructor(
    hours: OnlineHoursPlan,
    numbers: readonly number[],
    subnets: readonly SubnetPlan[],
    firstComputers: readonly number[],
  ) {
    this.#hours = hours;
    this.#numbersHere = new Map(numbers.map((subnet, number) => [subnet, number]));
    this.#computers = Uint32Array.from(
      numbers.flatMap((subnet) =>
        Array.from({ length: subnets[subnet]?.agents ?? 0 }, (_, agent) => (firstComputers[subnet] ?? 0) + agent),
      ),
    );
  }

  isOnAt(computer: number, atMs: number): boolean {
    return this.#hours.isOnAt(this.#numberOf(computer), atMs);
  }

  nextChange(computer: number, afterMs: number): HoursChange | null {
    const change = this.#hours.nextChange(this.#numberOf(computer), afterMs);
    if (change?.subnet === undefined) return change;
    const subnet = this.#numbersHere.get(change.subnet);
    if (subnet === undefined) throw new RangeError(`computer ${computer} is carried out of its part`);
    return { ...change, subnet };
  }

  #numberOf(computer: number): number {
    return this.#computers[computer] ?? computer;
  }
}
