import type { SiteLan } from '../base/additional-subnets.ts';
import { additionalSubnets } from '../base/additional-subnets.ts';
import type { Cidr } from '../base/ipv4.ts';
import { isSameCidr, parseCidr } from '../base/ipv4.ts';
import type { LocationType } from '../contracts/conditions.ts';

/** Whoever tells of a larger own subnet is told of nobody there: looking through it would take too long. */
const shortestOwnPrefix = 16;

/**
 * In which subnets the server names peers to an agent: where no broadcast of it goes. On Wi-Fi, where broadcasts are dear,
 * that is its own subnets as well.
 */
export function hintedSubnets(
  listed: readonly string[],
  site: (SiteLan & { readonly locationType: LocationType }) | null,
  ownSubnets: readonly string[],
): readonly Cidr[] {
  const subnets = [...additionalSubnets(listed, site)];
  if (site?.locationType !== 'wifi') return subnets;
  for (const own of ownSubnets.flatMap((text) => parseCidr(text) ?? [])) {
    const isNew = !subnets.some((subnet) => isSameCidr(subnet, own));
    if (own.prefixLength >= shortestOwnPrefix && isNew) subnets.push(own);
  }
  return subnets;
}

/** Whether agents of such a place ask and serve peers at all, whatever their policy says. */
export function hasPeers(locationType: LocationType): boolean {
  return locationType === 'office' || locationType === 'wifi';
}
