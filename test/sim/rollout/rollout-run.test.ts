import { describe, expect, it } from 'vitest';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import type { PackageServerPlacement } from '../../../shared/contracts/simulation.ts';
import { faultProfiles, simulationResultSchema } from '../../../shared/contracts/simulation.ts';
import { planOf } from '../../../shared/sim/rollout/rollout-plan.ts';
import { RolloutRun } from '../../../shared/sim/rollout/rollout-run.ts';
import { resultOf, site, smallRequest } from './requests.ts';

const packageBytes = 8 * 1_048_576;
const dayMs = 86_400_000;

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
    expect(result.penetrationCurve.at(-1)).toEqual({ seconds: p100, share: 1, onShare: 1 });
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

  it('tells who was not on once, and counts each of the others from its first start', () => {
    const request = smallRequest({ agents: 40, sites: 4, onlineHours: 'office' }, { maxVirtualHours: 24 });
    const result = resultOf(request);
    const hours = planOf(request).plan.onlineHours;
    const neverOn = Array.from({ length: 40 }, (_, computer) => computer).filter(
      (computer) => hours?.isOnAt(computer, 0) === false && (hours.nextChange(computer, 0)?.atMs ?? Infinity) > dayMs,
    );
    expect(neverOn.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ neverOn: neverOn.length, ready: 40 - neverOn.length });
    // Most wait for nothing but their people: 8 MiB take 7 s of a branch's link.
    expect(result.penetration).toMatchObject({ p98: null, p999: null, p100: null });
    expect(result.penetration.p50).toBeGreaterThan(3600);
    expect(result.penetrationSinceOn.p100).toBeLessThan(60);
    expect(result.penetrationCurve.filter(({ share, onShare }) => share > onShare)).toEqual([]);
    expect(result.penetrationCurve[0]?.onShare).toBeLessThan(0.8);
    expect(result.penetrationCurve.at(-1)?.onShare).toBe(1 - neverOn.length / 40);
  });

  it('counts a computer that lost power from its first start all the same', () => {
    const result = resultOf(smallRequest({}, { faults: 'bad-day' }));
    expect(result.penetration.p100).toBeGreaterThan(0);
    expect(result).toMatchObject({ neverOn: 0, penetrationSinceOn: result.penetration });
  });

  it('has a curve of one point where nobody got anything', () => {
    const request = smallRequest({ agents: 2, sites: 2, regions: 0, branchKilobitsPerSecond: 64 });
    const result = resultOf({ ...request, packageMebibytes: 100, maxVirtualHours: 1 });
    expect(result).toMatchObject({ ready: 0, penetrationCurve: [{ seconds: 0, share: 0, onShare: 1 }] });
    expect(result.penetrationSinceOn).toEqual({ p50: null, p98: null, p999: null, p100: null });
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
    expect(sampled.assumptions[0]).toContain('30 of 60 agents are simulated: whole sites');
  });

  it('says where not even one whole site was simulated', () => {
    const part = resultOf(smallRequest({ packageServers: 'none' }, { agentBound: 4 }));
    expect(part).toMatchObject({ agents: 4, sampledFrom: 60 });
    expect(part.wanBytesBySite.map(({ agents }) => agents)).toEqual([4]);
    expect(part.assumptions[0]).toContain('4 of 60 agents are simulated: a part of the smallest site alone');
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
