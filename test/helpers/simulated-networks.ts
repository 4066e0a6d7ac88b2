import { expect } from 'vitest';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { AgentOutcome, SimulationReport } from '../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan, SubnetPlan } from '../../shared/sim/simulation-plan.ts';

export const mebibyte = 2 ** 20;
export const minuteMs = 60_000;
/** Journal times are wall-clock; virtual time 0 is this moment. */
export const simulationStartMs = 1_767_571_200_000;

/** `subnets` × `agents`, all starting at once, one package for all. */
export function plainPlan(
  subnets: number,
  agents: number,
  packageMebibytes: number,
  subnet: Partial<SubnetPlan> = {},
): SimulationPlan {
  return {
    subnets: Array.from({ length: subnets }, () => ({ agents, ...subnet })),
    packages: [{ totalSizeBytes: packageMebibytes * mebibyte }],
  };
}

/** An agent of the first subnet is in these conditions from then on. */
export function conditionsBecome(agent: number, atMs: number, conditions: Partial<ComputerConditions>): Fault {
  return { kind: 'conditions', agent: { subnet: 0, agent }, when: { atMs }, conditions };
}

/** Whoever fetches the first package over the WAN is in these conditions once it holds so much of it. */
export function conditionsOfFirstDownloaderBecome(
  blocksHeldPercent: number,
  conditions: Partial<ComputerConditions>,
): Fault {
  return { kind: 'conditions', agent: { firstDownloaderOf: 0 }, when: { blocksHeldPercent }, conditions };
}

/** Nobody broke a rule, and every agent that runs has what was delivered. */
export function expectAllReady(report: SimulationReport): void {
  expect(report.violations).toEqual([]);
  const missing = report.perAgent.filter(({ isRunning, isReady }) => isRunning && !isReady);
  expect(missing.map(({ name, blocksHeld }) => `${name} holds ${blocksHeld}`)).toEqual([]);
}

export function expectWanCopies(report: SimulationReport, atMost: number): void {
  expect(report.wanBytesBySubnet.length).toBeGreaterThan(0);
  report.wanCopiesBySubnet.forEach((copies, subnet) => {
    expect(copies, `WAN copies into subnet ${subnet}`).toBeGreaterThanOrEqual(1);
    expect(copies, `WAN copies into subnet ${subnet}`).toBeLessThanOrEqual(atMost);
  });
}

export function outcomeOf(report: SimulationReport, name: string): AgentOutcome {
  const outcome = report.perAgent.find((agent) => agent.name === name);
  if (outcome === undefined) throw new Error(`the report has no agent ${name}`);
  return outcome;
}

/** Blocks that the agent fetched for a reason, by its journal. */
export function blocksBy(outcome: AgentOutcome, matches: (entry: AgentOutcome['journal'][number]) => boolean): number {
  return outcome.journal.filter(matches).reduce((blocks, entry) => blocks + entry.blocks, 0);
}

/** Blocks that came over the WAN to this agent, by its journal. */
export function directBlocks(outcome: AgentOutcome): number {
  return blocksBy(outcome, (entry) => entry.source !== null && entry.source.kind !== 'peer');
}

export function reasonsOf(outcome: AgentOutcome): Set<string> {
  return new Set(outcome.journal.map(({ reason }) => reason));
}
