/** A link as the sharing sees it. What is computed meanwhile is kept with it: shares are computed thousands of times a second. */
export class SharingLink {
  /** Infinity = no limit. */
  capacityBytesPerSecond: number;
  /** By their places, transfers that cross it in the computation under way. */
  readonly crossing: number[] = [];
  /** Of these, how many may still rise; 0 = no computation is under way. */
  rising = 0;
  /** What each of those gets where they share evenly what the others have left. */
  share = 0;
  #left = 0;

  constructor(capacityBytesPerSecond: number) {
    this.capacityBytesPerSecond = capacityBytesPerSecond;
  }

  get isLimited(): boolean {
    return this.capacityBytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  cross(flow: number): void {
    if (this.rising === 0) {
      this.crossing.length = 0;
      this.#left = this.capacityBytesPerSecond;
    }
    this.crossing.push(flow);
    this.rising++;
    this.share = this.#left / this.rising;
  }

  /** One of the transfers rises no further. */
  take(rateBytesPerSecond: number): void {
    this.#left -= rateBytesPerSecond;
    this.rising--;
    this.share = Math.max(0, this.#left) / this.rising;
  }
}

/** One transfer as the sharing sees it: the links that it crosses and a limit of its own. */
export interface SharingFlow {
  readonly path: readonly SharingLink[];
  /** Infinity = none; 0 = it stands still. */
  readonly capBytesPerSecond: number;
}

/** Of a transfer that still rises. */
const noRate = -1;

/**
 * Max-min fair rates by progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): all flows rise together; a flow
 * stops where one of its links is full or its own limit is reached. The result is what many TCP connections settle at.
 *
 * @returns bytes per second, one rate per flow, in order; Infinity where nothing limits it
 */
export function maxMinRates(flows: readonly SharingFlow[]): Float64Array {
  const rates = new Float64Array(flows.length).fill(noRate);
  const links = limitedLinksOf(flows);
  const byCap = byOwnLimit(flows);
  const stop = (index: number, rate: number): void => {
    rates[index] = rate;
    for (const link of flows[index]?.path ?? []) if (link.isLimited) link.take(rate);
  };
  let nextByCap = 0;
  for (let tightest = tightestOf(links); tightest !== null; tightest = tightestOf(links)) {
    const { share } = tightest;
    while (nextByCap < byCap.length && rates[byCap[nextByCap] ?? 0] !== noRate) nextByCap++;
    const next = byCap[nextByCap];
    const cap = next === undefined ? Number.POSITIVE_INFINITY : capOf(flows, next);
    if (next !== undefined && cap <= share) stop(next, cap);
    else for (const index of tightest.crossing) if (rates[index] === noRate) stop(index, share);
  }
  flows.forEach((flow, index) => {
    if (rates[index] === noRate) rates[index] = flow.capBytesPerSecond;
  });
  return rates;
}

/** Each once, in the order in which flows name them. */
function limitedLinksOf(flows: readonly SharingFlow[]): SharingLink[] {
  const links: SharingLink[] = [];
  flows.forEach(({ path }, index) => {
    for (const link of path) {
      if (!link.isLimited) continue;
      if (link.rising === 0) links.push(link);
      link.cross(index);
    }
  });
  return links;
}

/** Places of the flows that have a limit of their own, the lowest first. */
function byOwnLimit(flows: readonly SharingFlow[]): number[] {
  const limited: number[] = [];
  flows.forEach(({ capBytesPerSecond }, index) => {
    if (capBytesPerSecond !== Number.POSITIVE_INFINITY) limited.push(index);
  });
  return limited.sort((a, b) => capOf(flows, a) - capOf(flows, b) || a - b);
}

/** The first with the least to give to each; null where nothing rises any more. Links on which nothing does are dropped. */
function tightestOf(links: SharingLink[]): SharingLink | null {
  let tightest: SharingLink | null = null;
  let kept = 0;
  for (const link of links) {
    if (link.rising === 0) continue;
    links[kept++] = link;
    if (tightest === null || link.share < tightest.share) tightest = link;
  }
  links.length = kept;
  return tightest;
}

function capOf(flows: readonly SharingFlow[], index: number): number {
  return flows[index]?.capBytesPerSecond ?? 0;
}
