import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrOf, cidrsOverlap, formatCidr, parseCidr } from '../base/ipv4.ts';

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

/** Overlaps are refused: an address that lies in two sites would have two WAN limits. `others` without the edited site. */
export function subnetProblems(subnets: readonly string[], others: readonly SiteSubnets[]): SubnetProblem[] {
  const taken = others.flatMap((site) =>
    site.subnets.flatMap((text) => {
      const cidr = parseCidr(text);
      return cidr === null ? [] : [{ cidr, owner: `the site "${site.name}"` }];
    }),
  );
  const problems: SubnetProblem[] = [];
  subnets.forEach((text, index) => {
    const cidr = parseCidr(text);
    if (cidr === null) return;
    const other = taken.find((entry) => cidrsOverlap(entry.cidr, cidr));
    if (other !== undefined) {
      problems.push({ index, message: `${text} overlaps ${formatCidr(other.cidr)} of ${other.owner}.` });
    }
    taken.push({ cidr, owner: 'this site' });
  });
  return problems;
}
