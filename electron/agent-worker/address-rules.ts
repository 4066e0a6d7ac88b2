import { additionalSubnetsOf } from '../../shared/agent/additional-subnets.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { Cidr, Ipv4 } from '../../shared/base/ipv4.ts';
import { cidrContains } from '../../shared/base/ipv4.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { normalSerial } from './peer-identity.ts';

/** From which addresses and certificates an agent takes anything at all. */
export class AddressRules {
  #ownSubnets: readonly Cidr[] = [];
  #additionalSubnets: readonly Cidr[] = [];
  #revokedSerials: ReadonlySet<string> = new Set();
  #revokedAgents: ReadonlySet<AgentId> = new Set();

  setOwnSubnets(ownSubnets: readonly Cidr[]): void {
    this.#ownSubnets = ownSubnets;
  }

  apply(configuration: AgentConfiguration): void {
    this.#additionalSubnets = additionalSubnetsOf(configuration);
    this.#revokedSerials = new Set(configuration.revokedSerials.map(normalSerial));
    this.#revokedAgents = new Set(configuration.revokedAgentIds);
  }

  isAllowed(address: Ipv4): boolean {
    return [...this.#ownSubnets, ...this.#additionalSubnets].some((subnet) => cidrContains(subnet, address));
  }

  isRevoked({ agentId, serial }: PeerIdentity): boolean {
    return this.#revokedAgents.has(agentId) || this.#revokedSerials.has(normalSerial(serial));
  }

  isRevokedAgent(agentId: AgentId): boolean {
    return this.#revokedAgents.has(agentId);
  }

  get revokedAgents(): ReadonlySet<AgentId> {
    return this.#revokedAgents;
  }
}
