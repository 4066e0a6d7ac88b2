import { createHash } from 'node:crypto';
import type { AgentConfiguration, AssignedDelivery } from '../../../shared/contracts/agent-api.ts';
import { deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { planOf } from '../../../shared/server/deliveries/delivery-stages.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Organisation } from '../organisation.ts';
import type { PackageServers } from '../package-servers/package-servers.ts';
import type { AgentRecord } from './agent-directory.ts';
import type { Resolution, Resolver } from './resolution.ts';

/** As the contract says; the newest come first, and older ones are over sooner. */
const maximumRevoked = 100_000;

export interface ConfigurationDocument {
  readonly etag: string;
  readonly json: string;
}

/** Makes the configuration document of an agent. The ETag of an unchanged one costs a look-up. */
export class AgentConfigurations {
  readonly #identity: ServerIdentity;
  readonly #organisation: Organisation;
  readonly #resolver: Resolver;
  readonly #packageServers: PackageServers;
  /** A resolution is replaced whenever anything changed that a document depends on, except the agent's name. */
  readonly #etags = new WeakMap<Resolution, { readonly name: string; readonly etag: string }>();

  constructor(
    identity: ServerIdentity,
    organisation: Organisation,
    resolver: Resolver,
    packageServers: PackageServers,
  ) {
    this.#identity = identity;
    this.#organisation = organisation;
    this.#resolver = resolver;
    this.#packageServers = packageServers;
  }

  etagOf(record: AgentRecord): string {
    const known = this.#etags.get(this.#resolver.resolve(record));
    return known?.name === record.name ? known.etag : this.documentOf(record).etag;
  }

  documentOf(record: AgentRecord): ConfigurationDocument {
    const resolution = this.#resolver.resolve(record);
    const json = JSON.stringify(this.#configurationOf(record, resolution));
    const etag = `"${createHash('sha256').update(json).digest('base64url').slice(0, 24)}"`;
    this.#etags.set(resolution, { name: record.name, etag });
    return { etag, json };
  }

  #configurationOf(record: AgentRecord, { site, policy, deliveries }: Resolution): AgentConfiguration {
    return {
      agentId: record.agentId,
      serverId: this.#identity.serverId,
      name: record.name,
      site:
        site === null
          ? null
          : {
              id: site.id,
              name: site.name,
              subnets: [...site.subnets],
              wanKilobitsPerSecond: site.wanKilobitsPerSecond,
              locationType: site.locationType,
              sharesLan: site.sharesLan,
              hasPackageServer: this.#packageServers.hasPackageServer(site.id),
            },
      policy: { id: policy.id, name: policy.name, version: policy.version },
      settings: policy.settings,
      agentPackage: this.#organisation.agentPackage,
      groupKeys: this.#organisation.groupKeys.map(({ createdAtMs: _, ...key }) => key),
      revokedSerials: this.#organisation.revocations.flatMap(({ serials }) => serials).slice(0, maximumRevoked),
      revokedAgentIds: this.#organisation.revocations.map(({ agentId }) => agentId).slice(0, maximumRevoked),
      deliveries: this.#assigned(deliveries),
      withdrawn: this.#organisation.packages
        .filter((stored) => stored.withdrawnAtMs !== null)
        .slice(0, 10_000)
        .map((stored) => this.#identity.signWithdrawal(stored.key)),
      packageServer: this.#packageServers.roleOf(record.agentId),
    };
  }

  /** A package that several deliveries bring is listed once, with the newest, as urgent as the most urgent of them. */
  #assigned(deliveries: Resolution['deliveries']): AssignedDelivery[] {
    const byKey = new Map<string, AssignedDelivery>();
    for (const { id, key, priority } of deliveries) {
      const stored = this.#organisation.package(key);
      const prepared = this.#organisation.delivery(id);
      if (stored === null || prepared === null) continue;
      const known = byKey.get(key);
      if (known !== undefined) {
        if (urgency(priority) < urgency(known.priority)) byKey.set(key, { ...known, priority });
        continue;
      }
      const { guid, version, name, totalSizeBytes } = stored;
      const plan = planOf(prepared.stored.spec, prepared.state, this.#organisation.plugInPolicy);
      const assigned = { deliveryId: id, guid, version, key, name, priority, totalSizeBytes };
      byKey.set(key, plan === null ? assigned : { ...assigned, plan });
    }
    return [...byKey.values()].slice(0, 10_000);
  }
}

function urgency(priority: AssignedDelivery['priority']): number {
  return deliveryPriorities.indexOf(priority);
}
