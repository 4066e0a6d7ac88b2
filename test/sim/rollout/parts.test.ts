import { describe, expect, it } from 'vitest';
import { Agent } from '../../../shared/agent/agent.ts';
import type { PackageServerPlacement } from '../../../shared/contracts/simulation.ts';
import { PartCourse } from '../../../shared/sim/rollout/part-course.ts';
import { groupsOf } from '../../../shared/sim/rollout/rollout-parts.ts';
import { planOf } from '../../../shared/sim/rollout/rollout-plan.ts';
import { agentsAtOnce, partEndOf, RolloutRun } from '../../../shared/sim/rollout/rollout-run.ts';
import { sitesOf } from '../../../shared/sim/rollout/rollout-sites.ts';
import { Simulation } from '../../../shared/sim/simulation.ts';
import { resultOf, site, smallRequest } from './requests.ts';

function groups(sites: ReturnType<typeof site>[], areCarried = false): readonly number[] {
  const facts = { lanKilobitsPerSecond: 1000, onlineHours: 'always' as const, laptopPercent: 0 };
  return groupsOf(sitesOf({ kind: 'sites', sites, ...facts }), areCarried);
}

describe('sites that have to do with each other', () => {
  const tree = [
    site('Region', { packageServers: 1 }),
    site('Branch', { parent: 'Region' }),
    site('Room', { parent: 'Branch' }),
    site('Other'),
    site('Below other', { parent: 'Other', packageServers: 1 }),
    site('Deep', { parent: 'Below other' }),
  ];

  it('are those below a site with a Package Server, with that site', () => {
    expect(groups(tree)).toEqual([0, 0, 0, 3, 4, 4]);
    expect(groups(tree.map((one) => ({ ...one, packageServers: 0 })))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are all below one site where laptops are carried about, and all that there are where none is above another', () => {
    expect(groups(tree, true)).toEqual([0, 0, 0, 3, 3, 3]);
    expect(groups([site('A'), site('B'), site('C')], true)).toEqual([0, 0, 0]);
    expect(groups([site('A'), site('B'), site('C')])).toEqual([0, 1, 2]);
  });
});

describe('the parts of an organisation', () => {
  it.each<[PackageServerPlacement, 'always' | 'office', number]>([
    ['branches', 'always', 2],
    ['regions', 'always', 2],
    ['none', 'always', 6],
    ['regions', 'office', 2],
    ['none', 'office', 2],
  ])(
    'send each other nothing, with all of them in one world: Package Servers in %s, on %s',
    (packageServers, onlineHours, count) => {
      const request = smallRequest({ packageServers, onlineHours, laptopPercent: 80 });
      const { plan, parts, agents } = planOf(request);
      expect(parts).toHaveLength(count);
      expect(parts.flatMap(({ subnets }) => subnets).toSorted((a, b) => a - b)).toEqual(
        plan.subnets.map((_, at) => at),
      );
      expect(parts.reduce((sum, part) => sum + part.agents, 0)).toBe(agents);
      const partOf = new Map(parts.flatMap(({ subnets }, part) => subnets.map((subnet) => [subnet, part])));
      const whole = new Simulation({
        seed: 1,
        plan,
        faults: [],
        makeAgent: (ports, identity) => new Agent(ports, identity),
      });
      const { time, sendings, computers } = whole.world;
      const homes = computers.map(({ subnet }) => partOf.get(subnet.index));
      const strangers = new Set<string>();
      let sent = 0;
      time.runUntil(onlineHours === 'always' ? 300e6 : 16 * 3600e6, () => {
        for (const { facts } of sendings) {
          sent++;
          const [from, to] = [facts.from ?? facts.to, facts.to].map(({ subnet }) => partOf.get(subnet.index));
          if (from !== to) strangers.add(`${facts.from?.name} to ${facts.to.name}`);
        }
        return whole.isDone;
      });
      expect(sent).toBeGreaterThan(agents);
      expect([...strangers]).toEqual([]);
      expect(computers.map(({ subnet }) => partOf.get(subnet.index))).toEqual(homes);
    },
  );

  it('do alone what they do one after the other', () => {
    const request = smallRequest({ packageServers: 'regions' }, { faults: 'bad-day' });
    const alone = planOf(request).parts.map((part) => {
      const course = new PartCourse(part, partEndOf(request));
      while (!course.isDone) course.runFor(331);
      return course.outcome();
    });
    const whole = resultOf(request);
    expect(whole.events).toBe(alone.reduce((sum, { events }) => sum + events, 0));
    expect(whole.ready).toBe(alone.reduce((sum, { readyMs }) => sum + readyMs.length, 0));
    expect(new Set([whole.traceHash, ...alone.map(({ traceHash }) => traceHash)]).size).toBe(3);
    expect(resultOf({ ...request, organisation: { ...request.organisation } }).traceHash).toBe(whole.traceHash);
  });

  it('do the same side by side: who ends at the half has the same half', () => {
    const request = smallRequest({ packageServers: 'none', branchKilobitsPerSecond: 2000 });
    const whole = resultOf(request);
    const half = resultOf({ ...request, untilPerThousand: 500 });
    expect(half.penetration.p50).toBe(whole.penetration.p50);
    expect(half.ready).toBeGreaterThanOrEqual(30);
    const [sliced, untilPerThousand] = [new RolloutRun({ ...request, untilPerThousand: 500 }), 500];
    while (!sliced.isDone) sliced.runFor(77);
    expect(sliced.result()).toEqual(resultOf({ ...request, untilPerThousand }));
  });

  it('end together where enough of all are ready, be one of them late', () => {
    const sites = [site('Fast', { wanKilobitsPerSecond: 100_000 }), site('Slow', { wanKilobitsPerSecond: 64 })];
    const organisation = { kind: 'sites' as const, sites, lanKilobitsPerSecond: 1_000_000 };
    const request = smallRequest(
      {},
      {
        organisation: { ...organisation, onlineHours: 'always', laptopPercent: 0 },
        untilPerThousand: 500,
      },
    );
    const { ready, virtualSeconds, penetration } = resultOf(request);
    expect(ready).toBe(20);
    expect(penetration.p50).toBeLessThan(10);
    // The slow one would need 18 minutes.
    expect(virtualSeconds).toBeLessThan(120);
  });

  it('have the faults that happen in them, and all of them what happens to the server', () => {
    const request = smallRequest({ agents: 300, packageServers: 'regions' }, { faults: 'bad-day' });
    const { parts } = planOf(request);
    const kinds = parts.map(({ faults }) => faults.filter(({ kind }) => kind === 'server-down').length);
    expect(kinds).toEqual([1, 1]);
    const { faults, ready } = resultOf(request);
    expect(ready).toBe(300);
    expect(faults.find(({ kind }) => kind === 'server-down')).toEqual({ kind: 'server-down', count: 1 });
    // Every subnet has a first downloader to be killed.
    expect(faults.find(({ kind }) => kind === 'kill')?.count).toBeGreaterThanOrEqual(6);
  });

  it('are in memory one at a time, unless all have to be known at the same moment', () => {
    const request = smallRequest({ agents: 61, packageServers: 'regions' });
    expect(agentsAtOnce(request)).toBe(31);
    expect(agentsAtOnce({ ...request, untilPerThousand: 980 })).toBe(61);
  });

  it('are named as in the whole organisation', () => {
    const { parts } = planOf(smallRequest({ packageServers: 'none' }));
    expect(parts.map(({ plan }) => plan.subnets.map(({ number }) => number))).toEqual([[0], [1], [2], [3], [4], [5]]);
    const [, second] = parts;
    if (second === undefined) throw new Error('no second part');
    const { world } = new Simulation({
      ...{ seed: second.seed, plan: second.plan, faults: [] },
      makeAgent: (ports, identity) => new Agent(ports, identity),
    });
    expect(world.computers[0]).toMatchObject({ name: 's1-a0', address: 0x0a000401 });
  });
});
