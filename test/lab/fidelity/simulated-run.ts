import { goodputBytesPerSecond } from '../../../build/lab/link-shape.ts';
import type { SimulationReport } from '../../../shared/sim/simulate.ts';
import { simulate } from '../../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../../shared/sim/simulation-plan.ts';
import type { FidelityFigures, FidelityScenario } from './scenarios.ts';
import { fidelitySettings, figuresOf } from './scenarios.ts';

/**
 * The lab's links have no length and its disk is memory. Measured there: a datagram and its echo take 0.35 ms between two
 * processes, over the WAN as over the LAN; 2 MiB are written in 0.1 ms, after the last of them were hashed.
 */
const labNetwork = { lanLatencyUs: 170, wanLatencyUs: 170, jitterUs: 100, storeDelayUs: 500 };
/** By then every agent has settled, as those of the lab have. */
const deliverAtMs = 20_000;
const untilMs = 60 * 60 * 1000;

/** The scenario in virtual time; throws where a rule was broken or somebody has not got the package. */
export function runSimulated(scenario: FidelityScenario, seed: number): FidelityFigures {
  const report = simulate({ seed, plan: planOf(scenario), faults: faultsOf(scenario), untilMs });
  const [violation] = report.violations;
  if (violation !== undefined) throw new Error(`seed ${seed}: ${violation.check}`);
  const alive = report.perAgent.filter(({ isRunning }) => isRunning);
  if (!alive.every(({ isReady }) => isReady)) throw new Error(`seed ${seed}: not every agent is ready`);
  const readyAtMs = Array.from({ length: scenario.subnets }, (_, subnet) =>
    alive.filter((agent) => agent.subnet === subnet).map(({ name }) => toldAtMs(report, 'ready', name)),
  );
  return figuresOf(toldAtMs(report, 'downloading'), readyAtMs, report.wanCopiesBySubnet);
}

/** When the first agent, or that one, began to want the package, or had it, by its own clock. */
function toldAtMs({ events }: SimulationReport, state: 'downloading' | 'ready', name?: string): number {
  const times = events.flatMap(({ agent, event }) =>
    event.kind === 'package-state' && event.state === state && (name === undefined || agent === name)
      ? [event.atMs]
      : [],
  );
  return Math.min(...times);
}

function planOf({ subnets, agentsPerSubnet, packageBytes, wan, lan }: FidelityScenario): SimulationPlan {
  const subnet = {
    agents: agentsPerSubnet,
    wanBytesPerSecond: goodputBytesPerSecond(wan),
    uploadBytesPerSecond: goodputBytesPerSecond(lan),
    downloadBytesPerSecond: goodputBytesPerSecond(lan),
  };
  return {
    subnets: Array.from({ length: subnets }, () => subnet),
    packages: [{ totalSizeBytes: packageBytes, deliverAtMs }],
    settings: fidelitySettings,
    network: labNetwork,
  };
}

function faultsOf({ subnets, killsFirstDownloadersAtPercent: percent }: FidelityScenario): Fault[] {
  if (percent === undefined) return [];
  return Array.from({ length: subnets }, (_, subnet) => ({
    kind: 'kill',
    agent: { firstDownloaderOf: subnet },
    when: { blocksHeldPercent: percent },
    restartAfterMs: null,
  }));
}
