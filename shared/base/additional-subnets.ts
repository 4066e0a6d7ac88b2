import type { Cidr } from './ipv4.ts';
import { parseCidr } from './ipv4.ts';

/** The subnets of a site, and whether they are one LAN. */
export interface SiteLan {
  readonly subnets: readonly string[];
  readonly sharesLan: boolean;
}

/**
 * The subnets beside the own ones in which an agent may find peers: those of its site where they are one LAN, which makes
 * them mutual, and those that its policy lists. At most 64 of each.
 */
export function additionalSubnets(listed: readonly string[], site: SiteLan | null): readonly Cidr[] {
  const siblings = site?.sharesLan === true ? site.subnets : [];
  return [...new Set([...siblings, ...listed])].flatMap((text) => parseCidr(text) ?? []);
}
