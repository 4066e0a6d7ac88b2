import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { TrafficPlace } from '../../../shared/contracts/statistics.ts';
import type { TrafficWorld } from '../../../shared/server/statistics/traffic-entry.ts';
import type { AgentDirectory } from '../agents/agent-directory.ts';
import type { Resolver } from '../agents/resolution.ts';
import type { Organisation } from '../organisation.ts';
import type { PackageServers } from '../package-servers/package-servers.ts';
import { placeOfAddress, unknownSubnet } from '../sites/address-place.ts';

export interface TrafficWorldParts {
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly packageServers: PackageServers;
}

/** What the statistics ask of the organisation, as it is now. */
export function trafficWorld({ organisation, directory, resolver, packageServers }: TrafficWorldParts): TrafficWorld {
  return {
    placeOf: (agentId: AgentId): TrafficPlace | null => {
      const record = directory.get(agentId);
      if (record === null) return null;
      const { site, subnet, policy } = resolver.resolve(record);
      return { siteId: site?.id ?? null, subnet: subnet ?? unknownSubnet, policyId: policy.id };
    },
    placeAt: (address: string | null): TrafficPlace => ({ ...placeOfAddress(organisation, address), policyId: '' }),
    servedSiteOf: (agentId: AgentId): string | null => {
      const server = organisation.packageServers.get(agentId);
      return server === undefined ? null : packageServers.siteOf(server);
    },
    isFill: (agentId: AgentId, key: PackageKey): boolean => {
      const record = directory.get(agentId);
      if (record === null || organisation.packageServers.get(agentId)?.enabled !== true) return false;
      return !resolver.resolve(record).deliveries.some((delivery) => delivery.key === key);
    },
    sizeBytesOf: (key: PackageKey): number | null => organisation.package(key)?.totalSizeBytes ?? null,
  };
}
