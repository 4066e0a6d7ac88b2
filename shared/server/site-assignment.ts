import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrContains, formatCidr, parseCidr } from '../base/ipv4.ts';
import { SubnetTable } from '../base/subnet-table.ts';

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

/** Finds the site of an address. */
export class SiteTable {
  readonly #subnets: SubnetTable<string>;

  constructor(sites: readonly SiteSubnets[]) {
    this.#subnets = new SubnetTable(sites.map(({ id, subnets }) => [id, subnets]));
  }

  /** Null = Unassigned. */
  siteOf(address: Ipv4): SiteMatch | null {
    const match = this.#subnets.find(address);
    return match === null ? null : { siteId: match.value, subnet: match.subnet };
  }
}

export interface SubnetProblem {
  readonly siteId: string;
  /** In the list of that site. */
  readonly index: number;
  readonly message: string;
}

/**
 * Overlaps are refused, nested subnets as well as equal ones: an address that lies in two sites would have two WAN limits.
 * Of two that overlap, the changed site's is wrong; of two changed or the same site, the later one. At most one problem for
 * each subnet.
 */
export function subnetProblems(sites: readonly SiteSubnets[], changed: ReadonlySet<string>): SubnetProblem[] {
  const entries = sites.flatMap((site, order) =>
    site.subnets.flatMap((text, index) => entryOf(text, site, index, changed.has(site.id) ? order : -1)),
  );
  // In this order whatever contains a subnet comes before it, with nothing between them but what is in the former, too.
  entries.sort(
    (a, b) => a.cidr.network - b.cidr.network || a.cidr.prefixLength - b.cidr.prefixLength || (isLater(a, b) ? 1 : -1),
  );
  const problems = new Map<SubnetEntry, string>();
  const around: SubnetEntry[] = [];
  for (const entry of entries) {
    while (around.length > 0 && !cidrContains((around.at(-1) ?? entry).cidr, entry.cidr.network)) around.pop();
    for (const outer of around) {
      const [wrong, other] = isLater(outer, entry) ? [outer, entry] : [entry, outer];
      if (wrong.changeOrder < 0 || problems.has(wrong)) continue;
      const owner = wrong.site.id === other.site.id ? 'this site' : `the site "${other.site.name}"`;
      problems.set(wrong, `${formatCidr(wrong.cidr)} overlaps ${formatCidr(other.cidr)} of ${owner}.`);
    }
    around.push(entry);
  }
  return [...problems]
    .sort(([a], [b]) => (isLater(a, b) ? 1 : -1))
    .map(([{ site, index }, message]) => ({ siteId: site.id, index, message }));
}

interface SubnetEntry {
  readonly cidr: Cidr;
  readonly site: SiteSubnets;
  /** In the list of the site. */
  readonly index: number;
  /** The place of the site in the list of sites; -1 = it is as it was. */
  readonly changeOrder: number;
}

function isLater(a: SubnetEntry, b: SubnetEntry): boolean {
  return a.changeOrder > b.changeOrder || (a.changeOrder === b.changeOrder && a.index > b.index);
}

function entryOf(text: string, site: SiteSubnets, index: number, changeOrder: number): SubnetEntry[] {
  const cidr = parseCidr(text);
  return cidr === null ? [] : [{ cidr, site, index, changeOrder }];
}
