import type { AgentInterfaceAddress } from '../../shared/agent/ports.ts';
import { cidrContains, formatIpv4, isLoopback, parseIpv4 } from '../../shared/base/ipv4.ts';

/** From which of the own addresses connections are made, so that the other side sees the one that its subnet rules are about. */
export class LocalAddresses {
  #interfaces: readonly AgentInterfaceAddress[] = [];

  set(interfaces: readonly AgentInterfaceAddress[]): void {
    this.#interfaces = interfaces;
  }

  /**
   * The address in the subnet of the other side; else the only one that can be meant. Between several, and from a network
   * card to 127.x or the other way round, the system chooses.
   */
  towards(hostname: string): { readonly localAddress?: string } {
    const other = hostname === 'localhost' ? 0x7f000001 : parseIpv4(hostname);
    const beside = other === null ? undefined : this.#interfaces.find(({ subnet }) => cidrContains(subnet, other));
    const wantsLoopback = other !== null && isLoopback(other);
    const possible = this.#interfaces.filter(({ address }) => isLoopback(address) === wantsLoopback);
    const chosen = beside ?? (possible.length === 1 ? possible[0] : undefined);
    return chosen === undefined ? {} : { localAddress: formatIpv4(chosen.address) };
  }
}
