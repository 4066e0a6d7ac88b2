import type { Cidr } from '../../../shared/base/ipv4.ts';
import { broadcastOf, cidrContains, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { SubnetHintsAnswer } from '../../../shared/contracts/agent-api.ts';
import { hasPeers, hintedSubnets } from '../../../shared/server/hinted-subnets.ts';
import { chooseSubnetHints } from '../../../shared/server/subnet-hints.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';
import type { Resolver } from './resolution.ts';

/** Without an open feed an agent counts as there for so long after its last request. */
const recentContactMs = 15 * 60 * 1000;

/** As the contract of the answer says. */
const maximumOwnSubnets = 16;

export interface SubnetHintsParts {
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly isOnline: (record: AgentRecord) => boolean;
  readonly now: () => number;
}

/**
 * Whom an agent may ask in its additional subnets. Kept apart from the configuration: hints change whenever an agent comes
 * or goes, and a configuration that changed with them would be new to everybody every minute.
 */
export class SubnetHints {
  readonly #parts: SubnetHintsParts;
  /** Agents by the /24 of each of their addresses, so that an answer does not look at 54,000 of them. */
  readonly #byNetwork = new Map<number, Set<AgentRecord>>();
  readonly #networksOf = new WeakMap<AgentRecord, readonly number[]>();

  constructor(parts: SubnetHintsParts) {
    this.#parts = parts;
    for (const record of parts.directory.all()) this.#place(record);
    parts.directory.onChange((moved) => {
      if (moved !== null) this.#place(moved);
    });
  }

  answerTo(asking: AgentRecord): SubnetHintsAnswer {
    const { policy, site } = this.#parts.resolver.resolve(asking);
    const ownSubnets = asking.interfaces.slice(0, maximumOwnSubnets).map(({ subnet }) => subnet);
    const subnets = hintedSubnets(policy.settings.additionalSubnets, site, ownSubnets);
    return { agents: subnets.flatMap((subnet) => chooseSubnetHints(asking.agentId, this.#listeningIn(subnet))) };
  }

  #listeningIn(subnet: Cidr): SubnetHintsAnswer['agents'] {
    const listening: SubnetHintsAnswer['agents'] = [];
    for (const record of this.#recordsAround(subnet)) {
      if (!this.#isThere(record)) continue;
      const own = record.interfaces.find(({ address }) => isIn(subnet, address));
      if (own !== undefined) listening.push({ agentId: record.agentId, address: own.address, port: own.port });
    }
    return listening;
  }

  *#recordsAround(subnet: Cidr): Generator<AgentRecord> {
    const seen = new Set<AgentRecord>();
    for (let network = networkOf(subnet.network); network <= networkOf(broadcastOf(subnet)); network++) {
      for (const record of this.#byNetwork.get(network) ?? []) {
        if (!seen.has(record)) yield record;
        seen.add(record);
      }
    }
  }

  #isThere(record: AgentRecord): boolean {
    const { isOnline, now, resolver } = this.#parts;
    if (!isOnline(record) && now() - record.lastSeenMs > recentContactMs) return false;
    const { policy, site } = resolver.resolve(record);
    return policy.settings.peerDownloading && (site === null || hasPeers(site.locationType));
  }

  #place(record: AgentRecord): void {
    const networks = [...new Set(record.interfaces.flatMap(({ address }) => networkOf(parseIpv4(address) ?? 0)))];
    for (const network of this.#networksOf.get(record) ?? []) {
      const records = this.#byNetwork.get(network);
      records?.delete(record);
      if (records?.size === 0) this.#byNetwork.delete(network);
    }
    for (const network of networks) {
      const records = this.#byNetwork.get(network) ?? new Set();
      this.#byNetwork.set(network, records.add(record));
    }
    this.#networksOf.set(record, networks);
  }
}

/** The /24, as a number. */
function networkOf(address: number): number {
  return address >>> 8;
}

function isIn(subnet: Cidr, text: string): boolean {
  const address = parseIpv4(text);
  return address !== null && cidrContains(subnet, address);
}
