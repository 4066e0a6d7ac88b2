import { Agent } from '../agent/agent.ts';
import type { AgentId } from '../base/ids.ts';
import type { AgentEvent } from '../contracts/agent-events.ts';
import type { JournalEntry } from '../contracts/journal.ts';
import type { MakeAgent } from './agent-life.ts';
import type { InflictedFault } from './fault-injector.ts';
import { OneCopyRule } from './rules/one-copy-rule.ts';
import { underRules } from './rules/rules.ts';
import type { StageOutcome } from './simulated-deliveries.ts';
import { Simulation } from './simulation.ts';
import type { Fault, PackagePlan, SimulationPlan } from './simulation-plan.ts';
import type { Violation } from './violations.ts';

/** What goes on after everybody is ready shows whether they come to rest. */
const defaultSettleMs = 5000;

export interface AgentOutcome {
  readonly name: string;
  readonly agentId: AgentId;
  readonly subnet: number;
  readonly isRunning: boolean;
  readonly isReady: boolean;
  /** To a tenth of a second; null while it is not. */
  readonly readyAtMs: number | null;
  readonly lives: number;
  /** Of each package on its disk, in the order in which they came. */
  readonly blocksHeld: readonly number[];
  readonly journal: readonly JournalEntry[];
}

export interface SimulationReport {
  readonly seed: number;
  readonly agents: number;
  readonly ready: number;
  readonly virtualSeconds: number;
  /** Events dispatched by the simulator. */
  readonly steps: number;
  readonly perAgent: readonly AgentOutcome[];
  /** Block bytes that sources outside of it sent into each subnet, aborted answers included. */
  readonly wanBytesBySubnet: readonly number[];
  /** Of those, what the Notification Server sent. */
  readonly serverBytesBySubnet: readonly number[];
  /** The same ÷ the sizes of the packages delivered there. */
  readonly wanCopiesBySubnet: readonly number[];
  /** Without the second crossings of blocks that nobody near had: see `WanLedger`. */
  readonly unexcusedWanCopiesBySubnet: readonly number[];
  /** Blocks that began to cross into each subnet more than once. */
  readonly wanBlocksTwice: readonly number[];
  /** Names of the agents that asked the Notification Server for blocks, in the order of their first request. */
  readonly firstDownloaders: readonly (readonly string[])[];
  /** See `WindowMeter`: the most that a death could have cost, in blocks. */
  readonly largestWindowBlocks: readonly number[];
  /** What the Notification Server committed. */
  readonly events: readonly { readonly agent: string; readonly event: AgentEvent }[];
  readonly faults: readonly InflictedFault[];
  /** By package; empty for those that go to all at once. */
  readonly stages: readonly (readonly StageOutcome[])[];
  readonly violations: readonly Violation[];
  readonly traceHash: string;
}

/** Runs the agents' real core in a made-up network; the same arguments give the same report, bit by bit. */
export function simulate(subject: {
  /** 32 bits are used. */
  readonly seed: number;
  readonly plan: SimulationPlan;
  readonly faults?: readonly Fault[];
  /** The end at the latest; earlier once all are ready and no fault is to come. */
  readonly untilMs: number;
  /** How long it goes on once all are ready. */
  readonly settleMs?: number;
  /** Other agents than the real ones: broken on purpose, to see what notices it. */
  readonly makeAgent?: MakeAgent;
}): SimulationReport {
  const simulation = new Simulation({
    seed: subject.seed,
    plan: subject.plan,
    faults: subject.faults ?? [],
    makeAgent: underRules(subject.makeAgent ?? ((ports, identity) => new Agent(ports, identity))),
  });
  const oneCopy = new OneCopyRule(simulation.world, subject.faults ?? [], simulation.catalogue);
  simulation.server.ledger.onSecondCrossing = (crossing) => oneCopy.note(crossing);
  simulation.run(subject.untilMs, subject.settleMs ?? defaultSettleMs);
  return reportOf(simulation, subject.seed);
}

export function reportOf(simulation: Simulation, seed: number): SimulationReport {
  const { world, server } = simulation;
  for (const sending of [...world.sendings]) sending.abandon();
  const { ledger } = server;
  const indexes = world.subnets.map(({ index }) => index);
  const perAgent = world.computers.map((computer) => ({
    name: computer.name,
    agentId: computer.agentId,
    subnet: computer.subnet.index,
    isRunning: computer.life !== null,
    isReady: simulation.isReady(computer),
    readyAtMs: simulation.readyAtMs.get(computer) ?? null,
    lives: computer.lives,
    blocksHeld: computer.disk.packages.map(({ blocks }) => blocks.count),
    journal: computer.disk.journal,
  }));
  return {
    seed,
    agents: perAgent.length,
    ready: perAgent.filter(({ isReady }) => isReady).length,
    virtualSeconds: world.time.nowMs / 1000,
    steps: world.time.steps,
    perAgent,
    wanBytesBySubnet: indexes.map((index) => ledger.bytesInto(index)),
    serverBytesBySubnet: indexes.map((index) => ledger.serverBytesInto(index)),
    wanCopiesBySubnet: indexes.map((index) => ledger.bytesInto(index) / deliveredBytes(simulation, index)),
    unexcusedWanCopiesBySubnet: indexes.map(
      (index) => (ledger.bytesInto(index) - ledger.excusedBytesInto(index)) / deliveredBytes(simulation, index),
    ),
    wanBlocksTwice: indexes.map((index) => ledger.blocksTwice(index)),
    firstDownloaders: indexes.map((index) => ledger.requesters(index).map(({ name }) => name)),
    largestWindowBlocks: indexes.map((index) => world.window?.largest(index) ?? 0),
    events: server.events.map(({ computer, event }) => ({ agent: computer.name, event })),
    faults: simulation.faults.inflicted,
    stages: simulation.catalogue.map((entry) => server.deliveries.outcomesOf(entry)),
    violations: world.violations.list,
    traceHash: world.trace.digest(),
  };
}

function deliveredBytes({ catalogue }: Simulation, subnet: number): number {
  return catalogue
    .filter(({ plan, isDelivered }) => isDelivered && isMeant(plan, subnet))
    .reduce((bytes, { manifest }) => bytes + manifest.totalSizeBytes, 0);
}

function isMeant({ subnets, delivery }: PackagePlan, subnet: number): boolean {
  if (subnets?.includes(subnet) ?? true) return true;
  return delivery?.stages?.some((stage) => stage.subnets.includes(subnet)) ?? false;
}
