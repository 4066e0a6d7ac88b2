import type { Cidr } from '../base/ipv4.ts';
import { cidrContains, cidrsOverlap, formatCidr, parseCidr } from '../base/ipv4.ts';
import type { AgentSettings } from '../contracts/settings.ts';

/** A subnet in which agents are, and the policy that holds for some of them. */
export interface PlacedPolicy {
  readonly subnet: Cidr;
  readonly policyId: string;
  /** Those of its site, where they share a LAN: they answer each other without being listed. */
  readonly siblings: readonly Cidr[];
}

export interface ListingPolicy {
  readonly id: string;
  readonly name: string;
  readonly settings: Pick<AgentSettings, 'additionalSubnets'>;
}

export interface PolicyWarning {
  readonly key: 'additionalSubnets';
  readonly message: string;
}

/**
 * Additional subnets have to be mutual: agents answer only addresses in subnets of their own policy. By policy id: which of
 * its additional subnets hold agents whose policy does not list the subnets of its own agents. At most one warning for each
 * listed subnet; policies without agents have none, because nobody asks.
 */
export function mutualSubnetWarnings(
  policies: readonly ListingPolicy[],
  places: readonly PlacedPolicy[],
): Map<string, PolicyWarning[]> {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const listedBy = new Map(policies.map((policy) => [policy.id, listedSubnets(policy)]));
  const warnings = new Map<string, PolicyWarning[]>();
  for (const policy of policies) {
    const own = places.filter(({ policyId }) => policyId === policy.id).map(({ subnet }) => subnet);
    const found = (listedBy.get(policy.id) ?? []).flatMap((listed): PolicyWarning[] => {
      const asking = own.filter((subnet) => !isWithin(subnet, listed));
      for (const there of places.filter(({ subnet }) => cidrsOverlap(subnet, listed))) {
        const answered = [there.subnet, ...there.siblings, ...(listedBy.get(there.policyId) ?? [])];
        const missing = asking.find((subnet) => !answered.some((other) => isWithin(subnet, other)));
        const other = byId.get(there.policyId)?.name ?? '';
        if (missing !== undefined) return [warningOf(listed, other, missing)];
      }
      return [];
    });
    if (found.length > 0) warnings.set(policy.id, found);
  }
  return warnings;
}

function listedSubnets({ settings }: ListingPolicy): Cidr[] {
  return settings.additionalSubnets.flatMap((text) => parseCidr(text) ?? []);
}

function isWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.prefixLength >= outer.prefixLength && cidrContains(outer, inner.network);
}

function warningOf(listed: Cidr, otherPolicy: string, missing: Cidr): PolicyWarning {
  const message = `${formatCidr(listed)}: the policy "${otherPolicy}" of computers there does not list ${formatCidr(missing)}. They do not answer until both sides list each other.`;
  return { key: 'additionalSubnets', message };
}
