import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { Organisation } from '../organisation.ts';

export interface AddressPlace {
  /** Null = Unassigned. */
  readonly siteId: string | null;
  readonly subnet: string;
}

/** Of whoever has no address that is known. */
export const unknownSubnet = '0.0.0.0/0';

/** Where a client counts that is no agent: the subnet of its site, else the /24 around its address, as for agents. */
export function placeOfAddress({ siteTable }: Pick<Organisation, 'siteTable'>, text: string | null): AddressPlace {
  const address = text === null ? null : parseIpv4(text);
  if (address === null) return { siteId: null, subnet: unknownSubnet };
  const match = siteTable.siteOf(address);
  return { siteId: match?.siteId ?? null, subnet: formatCidr(match?.subnet ?? cidrOf(address, 24)) };
}
