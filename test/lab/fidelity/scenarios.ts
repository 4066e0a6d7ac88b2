import type { LinkShape } from '../../../build/lab/link-shape.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';

const MIB = 1024 * 1024;

/** One delivery to agents that run, as the network-namespace lab and the simulator both carry it out. */
export interface FidelityScenario {
  readonly subnets: number;
  readonly agentsPerSubnet: number;
  readonly packageBytes: number;
  readonly wan: LinkShape;
  /** Of every computer, each way. */
  readonly lan: LinkShape;
  /** Whoever fetches over the WAN dies with so much of the package, and stays dead. */
  readonly killsFirstDownloadersAtPercent?: number;
  /** How far the simulator's times may be from the lab's, as a share of these; 0.1 where nothing is said. */
  readonly timesWithin?: number;
}

/** What every agent has over the defaults of a new server: the lab's computers share two cores, and each sees the load of all. */
export const fidelitySettings: Partial<AgentSettings> = { peerDownloading: true, cpuLimit: 0 };

const officeNetwork = { subnets: 3, agentsPerSubnet: 8, wan: { megabits: 40 }, lan: { megabits: 400 } };
const branchNetwork = { subnets: 1, agentsPerSubnet: 8, wan: { megabits: 20 }, lan: { megabits: 100 } };

/** What decides is another thing in each. */
export const fidelityScenarios: Readonly<Record<string, FidelityScenario>> = {
  office: { ...officeNetwork, packageBytes: 256 * MIB },
  branch: { ...branchNetwork, packageBytes: 32 * MIB },
  'first-downloaders-killed': { ...officeNetwork, packageBytes: 256 * MIB, killsFirstDownloadersAtPercent: 50 },
  'slow-wan': { ...officeNetwork, packageBytes: 64 * MIB, wan: { megabits: 10 } },
  // Where the LAN is the bottleneck the order in which blocks reach whom decides, and the lab takes longer, by an eighth on average
  // (docs/simulator.md, "How close it is to real computers").
  'slow-lan': {
    ...branchNetwork,
    packageBytes: 64 * MIB,
    wan: { megabits: 100 },
    lan: { megabits: 50 },
    timesWithin: 0.25,
  },
  // 20 computers pass on 160 MiB within a second, and the lab has few cores for all of them.
  'small-package': {
    ...officeNetwork,
    subnets: 1,
    agentsPerSubnet: 20,
    packageBytes: 8 * MIB,
    timesWithin: 0.5,
  },
};

/** Times count from the moment when the first agent wants the package; an agent has it when its files are in place. */
export interface FidelityFigures {
  /** Until the last agent of all has it. */
  readonly wholeSeconds: number;
  /** Until half of all agents have it. */
  readonly medianSeconds: number;
  /** Until the last agent of each subnet has it. */
  readonly lastSecondsBySubnet: readonly number[];
  /** Block bytes that the server sent into each subnet ÷ the package's. */
  readonly wanCopiesBySubnet: readonly number[];
}

/** `readyAtMs` of those agents that live to see it, by subnet, on the clock of `firstWantAtMs`. */
export function figuresOf(
  firstWantAtMs: number,
  readyAtMs: readonly (readonly number[])[],
  wanCopiesBySubnet: readonly number[],
): FidelityFigures {
  const secondsOf = (atMs: number) => (atMs - firstWantAtMs) / 1000;
  const all = readyAtMs.flat().sort((one, other) => one - other);
  return {
    wholeSeconds: secondsOf(Math.max(...all)),
    medianSeconds: secondsOf(all[Math.floor((all.length - 1) / 2)] ?? Number.NaN),
    lastSecondsBySubnet: readyAtMs.map((ofSubnet) => secondsOf(Math.max(...ofSubnet))),
    wanCopiesBySubnet,
  };
}
