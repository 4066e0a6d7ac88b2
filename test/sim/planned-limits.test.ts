import { expect, it } from 'vitest';
import { hasLimits } from '../../shared/sim/planned-limits.ts';
import type { SimulationPlan, SubnetPlan } from '../../shared/sim/simulation-plan.ts';
import { plainPlan } from '../helpers/simulated-networks.ts';

const always = { days: ['mon' as const], from: '00:00', to: '00:00' };
const within = (subnet: Partial<SubnetPlan>): SimulationPlan => plainPlan(2, 3, 4, subnet);

it('limits are checked wherever a plan has one, and only there', () => {
  expect(hasLimits(within({}), [])).toBe(false);
  expect(hasLimits(within({ special: { 1: { settings: { peersPerAttempt: 3 } } } }), [])).toBe(false);
  const limited: SimulationPlan[] = [
    { ...within({}), settings: { maxUpload: 1 } },
    { ...within({}), settings: { maxDownload: 1 } },
    { ...within({}), settings: { blockouts: [{ ...always, kind: 'downloads' }] } },
    { ...within({}), settings: { throttlingPeriods: [{ ...always, kilobytesPerSecond: 5 }] } },
    within({ packageServerUpload: 1 }),
    within({ outboundKilobytesPerSecond: 1 }),
    within({ inboundKilobytesPerSecond: 1 }),
    within({ special: { 1: { settings: { maxUpload: 1 } } } }),
  ];
  expect(limited.map((plan) => hasLimits(plan, []))).toEqual(limited.map(() => true));
  expect(hasLimits(within({}), [{ kind: 'settings', atMs: 1, settings: { maxUpload: 1 } }])).toBe(true);
});
