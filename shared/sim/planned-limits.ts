import type { AgentSettings } from '../contracts/settings.ts';
import type { Fault, SimulationPlan, SubnetPlan } from './simulation-plan.ts';

/**
 * Whether anything of the plan limits rates or times. Where nothing does, nothing can be exceeded, and looking at every
 * block on its way after every change of rates, which grows with the square of the fleet, is spared.
 */
export function hasLimits(plan: SimulationPlan, faults: readonly Fault[]): boolean {
  return (
    areLimiting(plan.settings) ||
    plan.subnets.some(isLimited) ||
    faults.some((fault) => fault.kind === 'settings' && areLimiting(fault.settings))
  );
}

function isLimited(subnet: SubnetPlan): boolean {
  const { packageServerUpload = 0, outboundKilobytesPerSecond = 0, inboundKilobytesPerSecond = 0 } = subnet;
  const hasLimit = packageServerUpload > 0 || outboundKilobytesPerSecond > 0 || inboundKilobytesPerSecond > 0;
  return hasLimit || Object.values(subnet.special ?? {}).some(({ settings }) => areLimiting(settings));
}

function areLimiting(settings: Partial<AgentSettings> = {}): boolean {
  const { maxUpload = 0, maxDownload = 0, throttlingPeriods = [], blockouts = [] } = settings;
  return maxUpload > 0 || maxDownload > 0 || throttlingPeriods.length > 0 || blockouts.length > 0;
}
