import type { Cidr } from '../base/ipv4.ts';
import { parseCidr } from '../base/ipv4.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';

/**
 * The subnets beside the own ones in which this agent may find peers, at most 64: core and adapters draw the same line.
 * Subnets that come with the site belong here as well as those of the policy.
 */
export function additionalSubnetsOf(configuration: Pick<AgentConfiguration, 'settings'>): readonly Cidr[] {
  return configuration.settings.additionalSubnets.flatMap((text) => parseCidr(text) ?? []);
}
