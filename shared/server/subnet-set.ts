import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { cidrOf } from '../base/ipv4.ts';

/** Subnets to be asked whether an address is in any: at most 33 look-ups, however many there are. */
export class SubnetSet {
  readonly #networksByLength = new Map<number, Set<Ipv4>>();

  constructor(subnets: readonly Cidr[]) {
    for (const { network, prefixLength } of subnets) {
      const networks = this.#networksByLength.get(prefixLength) ?? new Set<Ipv4>();
      networks.add(network);
      this.#networksByLength.set(prefixLength, networks);
    }
  }

  contains(address: Ipv4): boolean {
    for (const [prefixLength, networks] of this.#networksByLength) {
      if (networks.has(cidrOf(address, prefixLength).network)) return true;
    }
    return false;
  }
}
