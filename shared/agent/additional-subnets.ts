import { additionalSubnets } from '../base/additional-subnets.ts';
import type { Cidr } from '../base/ipv4.ts';
import type { AgentConfiguration } from '../contracts/agent-api.ts';

/** Where this agent may find peers beside its own subnets: core and adapters draw the same line. */
export function additionalSubnetsOf({
  settings,
  site,
}: Pick<AgentConfiguration, 'settings' | 'site'>): readonly Cidr[] {
  return additionalSubnets(settings.additionalSubnets, site);
}
