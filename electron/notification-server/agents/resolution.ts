import type { AgentId } from '../../../shared/base/ids.ts';
import { cidrOf, formatCidr, parseIpv4 } from '../../../shared/base/ipv4.ts';
import { resolvePolicy } from '../../../shared/server/settings-resolution.ts';
import type { AgentFacts } from '../../../shared/server/target.ts';
import type { StoredDelivery } from '../../database/stores/delivery-store.ts';
import type { StoredPolicy } from '../../database/stores/policy-store.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import type { Organisation } from '../organisation.ts';
import type { AgentRecord } from './agent-directory.ts';

/** What the organisation means for one agent. */
export interface Resolution {
  readonly generation: number;
  readonly agentId: AgentId;
  readonly site: StoredSite | null;
  /** Where WAN copies of it are counted; null while it has no address. */
  readonly subnet: string | null;
  readonly policy: StoredPolicy;
  /** Those of packages that are not withdrawn, newest first. */
  readonly deliveries: readonly StoredDelivery[];
}

/** Derives what the organisation means for an agent, and remembers it until either changes. */
export class Resolver {
  readonly #organisation: Organisation;

  constructor(organisation: Organisation) {
    this.#organisation = organisation;
  }

  resolve(record: AgentRecord): Resolution {
    const { generation } = this.#organisation;
    if (record.resolution?.generation === generation) return record.resolution;
    const facts = this.factsOf(record);
    const match = facts.address === null ? null : this.#organisation.siteTable.siteOf(facts.address);
    const resolution: Resolution = {
      generation,
      agentId: record.agentId,
      site: match === null ? null : this.#organisation.site(match.siteId),
      subnet: subnetOf(record, match === null ? null : formatCidr(match.subnet)),
      policy: resolvePolicy(this.#organisation.policies, facts).stored,
      deliveries: this.#organisation.deliveries
        .filter(({ stored, isTargeted }) => isTargeted(facts) && this.#isDelivered(stored))
        .map(({ stored }) => stored),
    };
    record.resolution = resolution;
    return resolution;
  }

  /** What targets ask of an agent. */
  factsOf(record: AgentRecord): AgentFacts {
    const address = parseIpv4(record.address);
    return {
      agentId: record.agentId,
      lowerCaseName: record.name.toLowerCase(),
      address,
      siteId: address === null ? null : (this.#organisation.siteTable.siteOf(address)?.siteId ?? null),
      tags: record.tags,
    };
  }

  #isDelivered(delivery: StoredDelivery): boolean {
    const stored = this.#organisation.package(delivery.key);
    return stored !== null && stored.withdrawnAtMs === null;
  }
}

/**
 * The agent's own word on its subnet, where its address is in one it told of; else the prefix of its site; else the /24
 * around its address, so that its bytes are counted somewhere.
 */
function subnetOf(record: AgentRecord, sitePrefix: string | null): string | null {
  const own = record.interfaces.find((candidate) => candidate.address === record.address);
  if (own !== undefined) return own.subnet;
  if (sitePrefix !== null) return sitePrefix;
  const address = parseIpv4(record.address);
  return address === null ? null : formatCidr(cidrOf(address, 24));
}
