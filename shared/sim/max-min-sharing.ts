/** One transfer as the sharing sees it: the links that it crosses and a limit of its own. */
export interface SharingFlow {
  readonly links: readonly number[];
  /** Infinity = none; 0 = it stands still. */
  readonly capBytesPerSecond: number;
}

/**
 * Max-min fair rates by progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): all flows rise together; a flow
 * stops where one of its links is full or its own limit is reached. The result is what many TCP connections settle at.
 *
 * @param capacityOf bytes per second of a link, Infinity = no limit
 * @returns one rate per flow, in order; Infinity where nothing limits it
 */
export function maxMinRates(flows: readonly SharingFlow[], capacityOf: (link: number) => number): Float64Array {
  const rates = new Float64Array(flows.length);
  const links = linksOf(flows, capacityOf);
  const byCap = flows.map((_, index) => index).sort((a, b) => capOf(flows, a) - capOf(flows, b) || a - b);
  const isFrozen = new Uint8Array(flows.length);
  const freeze = (index: number, rate: number): void => {
    isFrozen[index] = 1;
    rates[index] = rate;
    for (const link of flows[index]?.links ?? []) links.get(link)?.take(rate);
  };
  let nextByCap = 0;
  for (let left = flows.length; left > 0; ) {
    while (isFrozen[byCap[nextByCap] ?? 0] === 1) nextByCap++;
    const tightest = tightestOf(links);
    const nextFlow = byCap[nextByCap] ?? 0;
    const share = tightest?.share ?? Number.POSITIVE_INFINITY;
    if (tightest === null || capOf(flows, nextFlow) <= share) {
      freeze(nextFlow, capOf(flows, nextFlow));
      left--;
      continue;
    }
    for (const index of tightest.flows) {
      if (isFrozen[index] === 1) continue;
      freeze(index, share);
      left--;
    }
  }
  return rates;
}

class SharedLink {
  readonly flows: number[] = [];
  unfrozen = 0;
  #left: number;

  constructor(capacity: number) {
    this.#left = capacity;
  }

  get share(): number {
    return Math.max(0, this.#left) / this.unfrozen;
  }

  take(rate: number): void {
    this.#left -= rate;
    this.unfrozen--;
  }
}

function linksOf(flows: readonly SharingFlow[], capacityOf: (link: number) => number): Map<number, SharedLink> {
  const links = new Map<number, SharedLink>();
  flows.forEach((flow, index) => {
    for (const link of flow.links) {
      const capacity = capacityOf(link);
      if (capacity === Number.POSITIVE_INFINITY) continue;
      const shared = links.get(link) ?? new SharedLink(capacity);
      links.set(link, shared);
      shared.flows.push(index);
      shared.unfrozen++;
    }
  });
  return links;
}

/** Drops links without risers on the way, so that each is looked at no longer than it matters. */
function tightestOf(links: Map<number, SharedLink>): SharedLink | null {
  let tightest: SharedLink | null = null;
  for (const [id, link] of links) {
    if (link.unfrozen === 0) links.delete(id);
    else if (tightest === null || link.share < tightest.share) tightest = link;
  }
  return tightest;
}

function capOf(flows: readonly SharingFlow[], index: number): number {
  return flows[index]?.capBytesPerSecond ?? 0;
}
