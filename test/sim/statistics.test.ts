import { expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import type { AgentEvent } from '../../shared/contracts/agent-events.ts';
import type { TrafficBytes } from '../../shared/contracts/statistics.ts';
import { crossedBytes, noBytes, plusBytes, wouldCrossBytes } from '../../shared/server/statistics/byte-counts.ts';
import { cellsOf } from '../../shared/server/statistics/traffic-cells.ts';
import type { TrafficWorld } from '../../shared/server/statistics/traffic-entry.ts';
import { sentEntryOf, trafficEntriesOf } from '../../shared/server/statistics/traffic-entry.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, mebibyte, minuteMs, simulationStartMs } from '../helpers/simulated-networks.ts';

const packageBytes = 32 * mebibyte;
const branches = [1, 2];
/** One in the region and one in the first branch; the second branch has none. */
const packageServers = [0, 1];
const agentsPerBranch = 6;

const plan: SimulationPlan = {
  subnets: [
    { agents: 1, packageServers: [0], wanBytesPerSecond: 12_000_000 },
    { agents: 1 + agentsPerBranch, packageServers: [0], parent: 0, wanBytesPerSecond: 3_000_000 },
    { agents: agentsPerBranch, parent: 0, wanBytesPerSecond: 3_000_000 },
  ],
  packages: [{ totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 3000 }],
  settings: { eventInterval: 5 },
};

it('the statistics hold what the network moved, by subnet and source, and what crossing it spared', () => {
  forSeeds(10, (seed) => {
    // Long enough that everybody has told the rest.
    const report = simulate({ seed, plan, untilMs: 10 * minuteMs, settleMs: 15_000 });
    expectAllReady(report);
    const bySubnet = statisticsOf(report);
    expect(bySubnet.map(crossedBytes)).toEqual(report.wanBytesBySubnet);
    expect(bySubnet.map(({ notificationServerBytes }) => notificationServerBytes)).toEqual(report.serverBytesBySubnet);
    const [region = noBytes, equipped = noBytes, bare = noBytes] = bySubnet;
    expect(region).toEqual({ ...noBytes, notificationServerBytes: packageBytes, fillBytes: packageBytes });
    // Each computer of a branch has every block once.
    expect(bare.foreignPackageServerBytes + bare.peerBytes).toBe(agentsPerBranch * packageBytes);
    expect(wouldCrossBytes(bare)).toBe(agentsPerBranch * packageBytes);
    const all = equipped.foreignPackageServerBytes + equipped.ownPackageServerBytes + equipped.peerBytes;
    expect(all).toBe((1 + agentsPerBranch) * packageBytes);
  });
});

function statisticsOf(report: SimulationReport): TrafficBytes[] {
  const agents = new Map<AgentId, number>(report.perAgent.map(({ agentId, subnet }) => [agentId, subnet]));
  const idOf = new Map(report.perAgent.map(({ name, agentId }) => [name, agentId]));
  const isServer = (subnet: number, name: string) => packageServers.includes(subnet) && name === `s${subnet}-a0`;
  const world: TrafficWorld = {
    placeOf: (agentId) => {
      const subnet = agents.get(agentId);
      return subnet === undefined ? null : { siteId: String(subnet), subnet: String(subnet), policyId: '' };
    },
    placeAt: () => {
      throw new Error('there are no links in the simulator');
    },
    servedSiteOf: (agentId) => String(agents.get(agentId)),
    // The region's is the one that nobody delivers anything to.
    isFill: (agentId) => agents.get(agentId) === 0,
    sizeBytesOf: () => packageBytes,
  };
  const nowMs = simulationStartMs + report.virtualSeconds * 1000;
  const keys = new Set(report.events.flatMap(({ event }) => ('key' in event ? [event.key] : [])));
  const [key] = keys;
  if (key === undefined) throw new Error('nothing was told');
  const entries = report.events.flatMap(({ agent, event }) => entriesOf(idOf.get(agent), event, world, nowMs));
  // The server counts at its own sockets, which the simulator does by subnet.
  report.serverBytesBySubnet.forEach((bytes, subnet) => {
    const receiver = report.perAgent.find((agent) => agent.subnet === subnet && !isServer(subnet, agent.name));
    const agentId = receiver?.agentId ?? report.perAgent.find((agent) => agent.subnet === subnet)?.agentId;
    if (agentId === undefined || bytes === 0) return;
    const place = { siteId: String(subnet), subnet: String(subnet) };
    entries.push(sentEntryOf({ agentId, key, bytes, ...place }, world, nowMs));
  });
  const { hours } = cellsOf(entries, nowMs);
  return report.wanBytesBySubnet.map((_, subnet) =>
    hours.filter((cell) => cell.subnet === String(subnet)).reduce((sum, { bytes }) => plusBytes(sum, bytes), noBytes),
  );
}

function entriesOf(agentId: AgentId | undefined, event: AgentEvent, world: TrafficWorld, nowMs: number) {
  return agentId === undefined ? [] : trafficEntriesOf(agentId, [event], world, nowMs);
}
