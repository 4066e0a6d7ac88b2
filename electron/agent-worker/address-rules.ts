import { additionalSubnetsOf } from '../../shared/agent/additional-subnets.ts';
import type { Cidr, Ipv4 } from '../../shared/base/ipv4.ts';
import { cidrContains } from '../../shared/base/ipv4.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { normalSerial } from './peer-identity.ts';

/** From which addresses and certificates an agent takes anything at all. */
export class AddressRules {
  readonly #subnet: Cidr;
  #additionalSubnets: readonly Cidr[] = [];
  #revokedSerials: ReadonlySet<string> = new Set();

  constructor(subnet: Cidr) {
    this.#subnet = subnet;
  }

  apply(configuration: AgentConfiguration): void {
    this.#additionalSubnets = additionalSubnetsOf(configuration);
    this.#revokedSerials = new Set(configuration.revokedSerials.map(normalSerial));
  }

  isAllowed(address: Ipv4): boolean {
    if (cidrContains(this.#subnet, address)) return true;
    return this.#additionalSubnets.some((subnet) => cidrContains(subnet, address));
  }

  isRevoked(serial: string): boolean {
    return this.#revokedSerials.has(normalSerial(serial));
  }
}
