import type { Cidr, Ipv4 } from './ipv4.ts';
import { cidrOf, parseCidr } from './ipv4.ts';

export interface SubnetMatch<Value> {
  readonly value: Value;
  /** The prefix that matched. */
  readonly subnet: Cidr;
}

/** Finds what an address belongs to: the longest prefix that contains it wins. At most 33 look-ups, however many subnets. */
export class SubnetTable<Value> {
  readonly #valueByNetwork = new Map<number, Map<Ipv4, Value>>();
  readonly #prefixLengths: readonly number[];

  /** What is no subnet is left out. */
  constructor(entries: Iterable<readonly [Value, readonly string[]]>) {
    for (const [value, subnets] of entries) {
      for (const text of subnets) {
        const cidr = parseCidr(text);
        if (cidr === null) continue;
        const networks = this.#valueByNetwork.get(cidr.prefixLength) ?? new Map<Ipv4, Value>();
        networks.set(cidr.network, value);
        this.#valueByNetwork.set(cidr.prefixLength, networks);
      }
    }
    this.#prefixLengths = [...this.#valueByNetwork.keys()].sort((a, b) => b - a);
  }

  find(address: Ipv4): SubnetMatch<Value> | null {
    for (const prefixLength of this.#prefixLengths) {
      const subnet = cidrOf(address, prefixLength);
      const value = this.#valueByNetwork.get(prefixLength)?.get(subnet.network);
      if (value !== undefined) return { value, subnet };
    }
    return null;
  }
}
