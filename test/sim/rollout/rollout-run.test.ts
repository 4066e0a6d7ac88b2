import { describe, expect, it } from 'vitest';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { PackageServerPlacement } from '../../../shared/contracts/simulation.ts';
import { faultProfiles, simulationResultSchema } from '../../../shared/contracts/simulation.ts';
import { RolloutRun } from '../../../shared/sim/rollout/rollout-run.ts';
import { resultOf, site, smallRequest } from './requests.ts';

const packageBytes = 8 * 1_048_576;

describe('a rollout', () => {
  it.each<PackageServerPlacement>(['branches', 'regions', 'none'])(
    'sends one copy into every site with Package Servers in: %s',
    (packageServers) => {
      const result = resultOf(smallRequest({ packageServers }));
      expect(result).toMatchObject({ agents: 60, ready: 60, violations: [], sampledFrom: null });
      expect(result.wanCopiesPerSite.max).toBeLessThanOrEqual(1.05);
      expect(result.wanCopiesPerSite.mean).toBeGreaterThanOrEqual(1);
      expect(result.coreClients).toBe(packageServers === 'none' ? 6 : 2);
      // Every agent has the package from somewhere.
      expect(result.directBytes + result.peerBytes).toBeGreaterThanOrEqual(60 * packageBytes);
      expect(result.whyDirect.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(result.directBytes);
    },
  );

  it('adds up to what its contract says', () => {
    const result = resultOf(smallRequest());
    expect(simulationResultSchema.parse({ ...result, wallSeconds: 1, peakRssMib: 1 })).toMatchObject({ ready: 60 });
    const { p50, p98, p999, p100 } = result.penetration;
    expect([p50, p98, p999, p100]).toEqual([p50, p98, p999, p100].toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(result.penetrationCurve.at(-1)).toEqual({ seconds: p100, share: 1 });
    const shares = result.penetrationCurve.map(({ share }) => share);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(result.wanBytesBySite.map(({ agents }) => agents)).toEqual([10, 10, 10, 10, 10, 10]);
  });

  it('is the same in slices of any size, and another one for another seed, policy or fault', () => {
    const request = smallRequest({ packageServers: 'regions' });
    const whole = resultOf(request);
    const sliced = new RolloutRun(request);
    let slices = 0;
    while (!sliced.isDone) {
      const before = sliced.progress;
      const { events, ready, virtualSeconds } = sliced.runFor(997);
      expect(events - before.events).toBeLessThanOrEqual(997);
      expect(ready).toBeGreaterThanOrEqual(before.ready);
      expect(virtualSeconds).toBeGreaterThanOrEqual(before.virtualSeconds);
      slices++;
    }
    expect(slices).toBeGreaterThan(5);
    expect(sliced.result()).toEqual(whole);
    const others = [
      { ...request, seed: 2 },
      { ...request, faults: 'corrupting-peers' as const },
      { ...request, settings: { ...defaultAgentSettings, peerDownloading: true, peersPerAttempt: 2 } },
    ].map((other) => resultOf(other).traceHash);
    expect(new Set([whole.traceHash, ...others]).size).toBe(4);
  });

  it.each(faultProfiles)('makes everybody ready in the end, whatever goes wrong: %s', (faults) => {
    const result = resultOf(smallRequest({ packageServers: 'regions' }, { faults }));
    expect(result).toMatchObject({ ready: 60, violations: [] });
    expect(result.faults.length > 0).toBe(faults !== 'none');
  });

  it('takes as long as the hours of the computers make it', () => {
    const result = resultOf(
      smallRequest({ agents: 30, sites: 3, regions: 1, onlineHours: 'office' }, { untilPerThousand: 500 }),
    );
    expect(result.ready).toBeGreaterThanOrEqual(15);
    expect(result.penetration.p50).toBeGreaterThan(3600);
    expect(result.penetration.p100).toBeNull();
    expect(result.wanCopiesPerSite.max).toBeLessThanOrEqual(1.05);
  });

  it('ends with the time that is allowed', () => {
    const result = resultOf(
      smallRequest({ branchKilobitsPerSecond: 64 }, { packageMebibytes: 100, maxVirtualHours: 1 }),
    );
    expect(result.virtualSeconds).toBe(3600);
    expect(result.ready).toBeLessThan(60);
    expect(result.penetration.p100).toBeNull();
  });

  it('lets every computer fetch for itself where the policy has peer downloading off', () => {
    const settings = { ...defaultAgentSettings, peerDownloading: false };
    const result = resultOf(smallRequest({ packageServers: 'none' }, { settings }));
    expect(result).toMatchObject({ ready: 60, peerBytes: 0, coreClients: 60 });
    expect(result.wanCopiesPerSite).toEqual({ max: 10, mean: 10 });
    expect(result.whyDirect.map(({ reason }) => reason)).toEqual(['peer-downloading-off']);
  });

  it('scales sums of a sample to the whole organisation, and says so', () => {
    const sampled = resultOf(smallRequest({ packageServers: 'none' }, { agentBound: 30 }));
    expect(sampled).toMatchObject({ agents: 30, sampledFrom: 60 });
    expect(sampled.directBytes + sampled.peerBytes).toBeGreaterThanOrEqual(60 * packageBytes);
    expect(sampled.assumptions[0]).toContain('30 of 60 agents are simulated');
  });

  it('shares the link of a site among its subnets', () => {
    const sites = [
      site('Wide', { subnets: [{ agents: 5 }, { agents: 5 }] }),
      site('Narrow', { subnets: [{ agents: 10 }] }),
    ];
    const organisation = {
      kind: 'sites' as const,
      sites,
      lanKilobitsPerSecond: 1_000_000,
      onlineHours: 'always' as const,
      laptopPercent: 0,
    };
    const result = resultOf(smallRequest({}, { organisation }));
    expect(result.wanBytesBySite.map(({ name }) => name).toSorted()).toEqual(['Narrow', 'Wide']);
    expect(result.wanCopiesPerSite.max).toBeLessThanOrEqual(1.05);
    // 8 MiB over 10 Mbit/s take 7 s, whether there are one subnet or two.
    expect(result.penetration.p100).toBeGreaterThan(7);
  });
});
