import type { SimulationResult } from '../../contracts/simulation.ts';
import { maximumCurvePoints } from '../../contracts/simulation.ts';
import type { Simulation } from '../simulation.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { agentsAt } from './rollout-sites.ts';
import type { ToldBytes } from './told-bytes.ts';

/** What the run itself knows; how long it took and how much memory, whoever ran it has to say. */
export type RolloutSummary = Omit<SimulationResult, 'wallSeconds' | 'peakRssMib'>;

type SiteRow = SimulationResult['wanBytesBySite'][number];

export function summaryOf(run: {
  readonly rollout: RolloutPlan;
  readonly simulation: Simulation;
  readonly told: ToldBytes;
  readonly seed: number;
}): RolloutSummary {
  const { rollout, simulation, told } = run;
  const { world, server } = simulation;
  // What is on its way has crossed the WAN as well.
  for (const sending of [...world.sendings]) sending.abandon();
  const readySeconds = inOrder(simulation.readyAtMs.values());
  const onSeconds = inOrder(world.computers.flatMap(({ firstOnAtMs }) => firstOnAtMs ?? []));
  const sinceOnSeconds = inOrder(
    [...simulation.readyAtMs].flatMap(([{ firstOnAtMs }, atMs]) => (firstOnAtMs === null ? [] : atMs - firstOnAtMs)),
  );
  const rows = siteRows(rollout, simulation);
  const scale = rollout.sampledFrom === null ? 1 : rollout.sampledFrom / rollout.agents;
  const scaled = (bytes: number) => Math.round(bytes * scale);
  const directBytes = server.ledger.totalBytes + world.contentBytesSent;
  const allBytes = directBytes + told.peerBytes;
  return {
    agents: rollout.agents,
    ready: readySeconds.length,
    neverOn: rollout.agents - onSeconds.length,
    virtualSeconds: world.time.nowMs / 1000,
    events: world.time.steps,
    wanCopiesPerSite: maxAndMean(rows.map((row) => row.copies)),
    unexcusedWanCopiesPerSite: maxAndMean(unexcusedCopies(rollout, simulation)),
    coreClients: server.ledger.servedAddresses,
    penetration: penetrationOf(readySeconds, rollout.agents),
    penetrationSinceOn: penetrationOf(sinceOnSeconds, onSeconds.length),
    directBytes: scaled(directBytes),
    peerBytes: scaled(told.peerBytes),
    peerShare: allBytes === 0 ? 0 : rounded(told.peerBytes / allBytes),
    traceHash: world.trace.digest(),
    seed: run.seed,
    penetrationCurve: curveOf(readySeconds, onSeconds, rollout.agents),
    wanBytesBySite: rows,
    whyDirect: told.whyDirect.map(({ reason, bytes }) => ({ reason, bytes: scaled(bytes) })),
    faults: [...simulation.faults.counts].map(([kind, count]) => ({ kind, count })),
    violations: world.violations.list.map(({ check, atMs, agent, detail }) => ({
      check,
      atSeconds: atMs / 1000,
      agent,
      detail,
    })),
    assumptions: [...rollout.assumptions],
    sampledFrom: rollout.sampledFrom,
  };
}

/** To a ten-thousandth: more digits say nothing. */
function rounded(ratio: number): number {
  return Math.round(ratio * 10_000) / 10_000;
}

/** In seconds, the earliest first. */
function inOrder(timesMs: Iterable<number>): number[] {
  return [...timesMs].map((timeMs) => timeMs / 1000).sort((a, b) => a - b);
}

function penetrationOf(readySeconds: readonly number[], agents: number): SimulationResult['penetration'] {
  return {
    p50: secondsTo(500, readySeconds, agents),
    p98: secondsTo(980, readySeconds, agents),
    p999: secondsTo(999, readySeconds, agents),
    p100: secondsTo(1000, readySeconds, agents),
  };
}

/** Virtual seconds until so many thousandths of these agents were ready; null where they never were. */
function secondsTo(thousandths: number, readySeconds: readonly number[], agents: number): number | null {
  return readySeconds[Math.ceil((agents * thousandths) / 1000) - 1] ?? null;
}

/** Evenly spread in time, from the beginning to the last agent that came on or became ready. */
function curveOf(
  readySeconds: readonly number[],
  onSeconds: readonly number[],
  agents: number,
): SimulationResult['penetrationCurve'] {
  const end = Math.max(readySeconds.at(-1) ?? 0, onSeconds.at(-1) ?? 0);
  const last = maximumCurvePoints - 1;
  const times =
    end === 0
      ? [0]
      : Array.from({ length: maximumCurvePoints }, (_, point) =>
          point === last ? end : Math.round((end * 10 * point) / last) / 10,
        );
  const readyBy = counterOf(readySeconds);
  const onBy = counterOf(onSeconds);
  return times.map((seconds) => ({ seconds, share: readyBy(seconds) / agents, onShare: onBy(seconds) / agents }));
}

/** How many of these times have come, asked for later and later ones. */
function counterOf(times: readonly number[]): (seconds: number) => number {
  let come = 0;
  return (seconds) => {
    while (come < times.length && (times[come] ?? 0) <= seconds) come++;
    return come;
  };
}

function maxAndMean(values: readonly number[]): { readonly max: number; readonly mean: number } {
  return {
    max: rounded(values.reduce((most, one) => Math.max(most, one), 0)),
    mean: rounded(values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length)),
  };
}

/** By site: see `WanLedger`. */
function unexcusedCopies({ sites, siteOfSubnet, plan }: RolloutPlan, { server: { ledger } }: Simulation): number[] {
  const packageBytes = plan.packages.reduce((sum, { totalSizeBytes }) => sum + totalSizeBytes, 0);
  const copies = sites.map(() => 0);
  siteOfSubnet.forEach((site, subnet) => {
    const bytes = ledger.bytesInto(subnet) - ledger.excusedBytesInto(subnet);
    copies[site] = (copies[site] ?? 0) + bytes / packageBytes;
  });
  return copies;
}

/** Most bytes first. */
function siteRows({ sites, siteOfSubnet, plan }: RolloutPlan, { server }: Simulation): SiteRow[] {
  const packageBytes = plan.packages.reduce((sum, { totalSizeBytes }) => sum + totalSizeBytes, 0);
  const wanBytes = sites.map(() => 0);
  siteOfSubnet.forEach((site, subnet) => {
    wanBytes[site] = (wanBytes[site] ?? 0) + server.ledger.bytesInto(subnet);
  });
  return sites
    .map((site, index) => {
      const bytes = wanBytes[index] ?? 0;
      return { name: site.name, agents: agentsAt(site), wanBytes: bytes, copies: rounded(bytes / packageBytes) };
    })
    .sort((a, b) => b.wanBytes - a.wanBytes || (a.name < b.name ? -1 : 1));
}
