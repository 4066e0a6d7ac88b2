import { bytesToHex, hexToBytes, sha256 } from '../../base/hashing.ts';
import type { JournalReason } from '../../contracts/journal.ts';
import type { SimulationResult } from '../../contracts/simulation.ts';
import { maximumCurvePoints } from '../../contracts/simulation.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';
import { maxViolations } from '../violations.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { agentsAt } from './rollout-sites.ts';

/** What the run itself knows; how long it took and how much memory, whoever ran it has to say. */
export type RolloutSummary = Omit<SimulationResult, 'wallSeconds' | 'peakRssMib'>;

interface SiteOutcome {
  readonly row: SimulationResult['wanBytesBySite'][number];
  readonly unexcusedCopies: number;
}

/** @param outcomes of the parts that were begun, in the order of the parts */
export function summaryOf(rollout: RolloutPlan, outcomes: readonly PartOutcome[], seed: number): RolloutSummary {
  const readySeconds = inOrder(outcomes.flatMap(({ readyMs }) => readyMs));
  const onSeconds = inOrder(outcomes.flatMap(({ onMs }) => onMs));
  const sinceOnSeconds = inOrder(outcomes.flatMap(({ readySinceOnMs }) => readySinceOnMs));
  const sites = sitesOf(rollout, outcomes);
  const scale = rollout.sampledFrom === null ? 1 : rollout.sampledFrom / rollout.agents;
  const scaled = (bytes: number) => Math.round(bytes * scale);
  const directBytes = sum(outcomes.map((outcome) => outcome.directBytes));
  const peerBytes = sum(outcomes.map((outcome) => outcome.peerBytes));
  const allBytes = directBytes + peerBytes;
  return {
    agents: rollout.agents,
    ready: readySeconds.length,
    neverOn: rollout.agents - onSeconds.length,
    virtualSeconds: outcomes.reduce((most, { virtualMs }) => Math.max(most, virtualMs), 0) / 1000,
    events: sum(outcomes.map(({ events }) => events)),
    wanCopiesPerSite: maxAndMean(sites.map(({ row }) => row.copies)),
    unexcusedWanCopiesPerSite: maxAndMean(sites.map(({ unexcusedCopies }) => unexcusedCopies)),
    coreClients: sum(outcomes.map(({ coreClients }) => coreClients)),
    penetration: penetrationOf(readySeconds, rollout.agents),
    penetrationSinceOn: penetrationOf(sinceOnSeconds, onSeconds.length),
    directBytes: scaled(directBytes),
    peerBytes: scaled(peerBytes),
    peerShare: allBytes === 0 ? 0 : rounded(peerBytes / allBytes),
    traceHash: hashOf(outcomes),
    seed,
    penetrationCurve: curveOf(readySeconds, onSeconds, rollout.agents),
    wanBytesBySite: sites.map(({ row }) => row).sort((a, b) => b.wanBytes - a.wanBytes || (a.name < b.name ? -1 : 1)),
    whyDirect: whyDirectOf(outcomes).map(({ reason, bytes }) => ({ reason, bytes: scaled(bytes) })),
    faults: faultCountsOf(outcomes),
    violations: violationsOf(outcomes),
    assumptions: [...rollout.assumptions],
    sampledFrom: rollout.sampledFrom,
  };
}

/** Two runs with the same hash did the same, part by part. That of a single part is its own. */
function hashOf(outcomes: readonly PartOutcome[]): string {
  const [first, ...others] = outcomes.map(({ traceHash }) => traceHash);
  if (first !== undefined && others.length === 0) return first;
  return bytesToHex(sha256(hexToBytes(outcomes.map(({ traceHash }) => traceHash).join(''))));
}

/** Most bytes first. */
function whyDirectOf(outcomes: readonly PartOutcome[]): PartOutcome['whyDirect'] {
  const bytesOf = new Map<JournalReason, number>();
  for (const { reason, bytes } of outcomes.flatMap(({ whyDirect }) => whyDirect)) {
    bytesOf.set(reason, (bytesOf.get(reason) ?? 0) + bytes);
  }
  return [...bytesOf]
    .map(([reason, bytes]) => ({ reason, bytes }))
    .sort((a, b) => b.bytes - a.bytes || (a.reason < b.reason ? -1 : 1));
}

function faultCountsOf(outcomes: readonly PartOutcome[]): RolloutSummary['faults'] {
  const counts = new Map<string, number>();
  for (const { kind, count } of outcomes.flatMap(({ faults }) => faults)) {
    const known = counts.get(kind) ?? 0;
    // There is one server: what happens to it is told by every part.
    counts.set(kind, kind === 'server-down' ? Math.max(known, count) : known + count);
  }
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** The earliest first. */
function violationsOf(outcomes: readonly PartOutcome[]): RolloutSummary['violations'] {
  return outcomes
    .flatMap(({ violations }) => violations)
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, maxViolations)
    .map(({ check, atMs, agent, detail }) => ({ check, atSeconds: atMs / 1000, agent, detail }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
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

/** In the order of the organisation. What its subnets got together is what the site got. */
function sitesOf({ sites, siteOfSubnet, plan }: RolloutPlan, outcomes: readonly PartOutcome[]): SiteOutcome[] {
  const packageBytes = sum(plan.packages.map(({ totalSizeBytes }) => totalSizeBytes));
  const wanBytes = sites.map(() => 0);
  const excusedBytes = sites.map(() => 0);
  for (const { subnet, bytes, excusedBytes: excused } of outcomes.flatMap(({ wan }) => wan)) {
    const site = siteOfSubnet[subnet] ?? 0;
    wanBytes[site] = (wanBytes[site] ?? 0) + bytes;
    excusedBytes[site] = (excusedBytes[site] ?? 0) + excused;
  }
  return sites.map((site, index) => {
    const bytes = wanBytes[index] ?? 0;
    return {
      row: { name: site.name, agents: agentsAt(site), wanBytes: bytes, copies: rounded(bytes / packageBytes) },
      unexcusedCopies: (bytes - (excusedBytes[index] ?? 0)) / packageBytes,
    };
  });
}
