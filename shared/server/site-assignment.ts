import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains, cidrOf, formatCidr, parseCidr } from '../base/ipv4.ts';

export interface SiteSubnets {
  readonly id: string;
  readonly name: string;
  readonly subnets: readonly string[];
}

export interface SiteMatch {
  readonly siteId: string;
  /** The prefix that matched. */
  readonly subnet: Cidr;
}

/** Finds the site of an address: the longest prefix that contains it wins. At most 33 look-ups, however many sites. */
export class SiteTable {
  readonly #siteByNetwork = new Map<number, Map<Ipv4, string>>();
  readonly #prefixLengths: readonly number[];

  constructor(sites: readonly SiteSubnets[]) {
    for (const site of sites) {
      for (const text of site.subnets) {
        const cidr = parseCidr(text);
        if (cidr === null) continue;
        const networks = this.#siteByNetwork.get(cidr.prefixLength) ?? new Map<Ipv4, string>();
        networks.set(cidr.network, site.id);
        this.#siteByNetwork.set(cidr.prefixLength, networks);
      }
    }
    this.#prefixLengths = [...this.#siteByNetwork.keys()].sort((a, b) => b - a);
  }

  /** Null = Unassigned. */
  siteOf(address: Ipv4): SiteMatch | null {
    for (const prefixLength of this.#prefixLengths) {
      const subnet = cidrOf(address, prefixLength);
      const siteId = this.#siteByNetwork.get(prefixLength)?.get(subnet.network);
      if (siteId !== undefined) return { siteId, subnet };
    }
    return null;
  }
}

export interface SubnetProblem {
  /** Index in the checked list. */
  readonly index: number;
  readonly message: string;
}

/**
 * Overlaps are refused, nested subnets as well as equal ones: an address that lies in two sites would have two WAN limits.
 * `others` without the edited site, and without overlaps among themselves; at most one problem for each subnet.
 */
export function subnetProblems(subnets: readonly string[], others: readonly SiteSubnets[]): SubnetProblem[] {
  const entries = others.flatMap(({ name, subnets: taken }) =>
    taken.flatMap((text) => entryOf(text, `the site "${name}"`, null)),
  );
  subnets.forEach((text, index) => {
    entries.push(...entryOf(text, 'this site', index));
  });
  // In this order whatever contains a subnet comes before it, with nothing between them but what is in the former, too.
  entries.sort(
    (a, b) =>
      a.cidr.network - b.cidr.network || a.cidr.prefixLength - b.cidr.prefixLength || (a.index ?? -1) - (b.index ?? -1),
  );
  const problems = new Map<number, string>();
  const around: SubnetEntry[] = [];
  for (const entry of entries) {
    while (around.length > 0 && !cidrContains((around.at(-1) ?? entry).cidr, entry.cidr.network)) around.pop();
    for (const outer of around) {
      // Of two of this site, the one listed later is one too many.
      const [wrong, other] = (outer.index ?? -1) > (entry.index ?? -1) ? [outer, entry] : [entry, outer];
      const message = `${formatCidr(wrong.cidr)} overlaps ${formatCidr(other.cidr)} of ${other.owner}.`;
      if (wrong.index !== null && !problems.has(wrong.index)) problems.set(wrong.index, message);
    }
    around.push(entry);
  }
  return [...problems].sort(([a], [b]) => a - b).map(([index, message]) => ({ index, message }));
}

interface SubnetEntry {
  readonly cidr: Cidr;
  readonly owner: string;
  /** In the checked list; null = of another site. */
  readonly index: number | null;
}

function entryOf(text: string, owner: string, index: number | null): SubnetEntry[] {
  const cidr = parseCidr(text);
  return cidr === null ? [] : [{ cidr, owner, index }];
}
