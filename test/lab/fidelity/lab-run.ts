import { rmSync, statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import type { LabAgent, LabPackage } from '../../../build/lab/fanout-lab.ts';
import { FanoutLab } from '../../../build/lab/fanout-lab.ts';
import { fitsInMemory, makeLabFolder } from '../../../build/lab/lab-folder.ts';
import { LabNetwork } from '../../../build/lab/lab-network.ts';
import type { LabProcess } from '../../../build/lab/lab-processes.ts';
import { goodputBytesPerSecond } from '../../../build/lab/link-shape.ts';
import { writeRandomFile } from '../../../build/lab/random-file.ts';
import { eventually } from '../../../build/lab/waiting.ts';
import type { FidelityFigures, FidelityScenario } from './scenarios.ts';
import { fidelitySettings, figuresOf } from './scenarios.ts';

const blockBytes = 2 * 1024 * 1024;
const journalRecordBytes = 12;
/** An agent that has just started gathers wants for longer (docs/protocol.md); those of an organisation run for days. */
const settleMs = 6000;
const pollMs = 20;

interface LabCosts {
  /** Of the computer's cores while the package spread: what the server and living agents took … */
  readonly cpuShare: number;
  /** … and what nobody took: near 0 the lab measures the computer, and not the network. */
  readonly idleShare: number;
}

export interface LabRun extends FidelityFigures, LabCosts {
  /** Of one minute, before the run and without it. */
  readonly loadBefore: number;
}

/** Why this computer cannot carry the scenario out, or null where it can. */
export function labProblem(scenario: FidelityScenario): string | null {
  const mebibytes = Math.ceil((2 * neededBytes(scenario)) / (1024 * 1024));
  return fitsInMemory(neededBytes(scenario)) ? null : `/dev/shm has less than ${mebibytes} MiB free`;
}

/** One copy for each agent, one that is imported and one on the server. */
function neededBytes({ subnets, agentsPerSubnet, packageBytes }: FidelityScenario): number {
  return (subnets * agentsPerSubnet + 2) * packageBytes;
}

/** The scenario in network namespaces, with the production bundles, a process for each agent. */
export async function runInLab(scenario: FidelityScenario): Promise<LabRun> {
  const { subnets, agentsPerSubnet, packageBytes, wan, lan } = scenario;
  const loadBefore = loadavg()[0] ?? 0;
  const folder = makeLabFolder(neededBytes(scenario));
  const network = new LabNetwork(Array.from({ length: subnets }, () => ({ computers: agentsPerSubnet, wan, lan })));
  const lab = new FanoutLab({ network, folder, settings: fidelitySettings });
  try {
    await lab.startServer();
    const file = path.join(folder, 'package.bin');
    await writeRandomFile(file, packageBytes);
    const content = await lab.importFile(file);
    await lab.startAgents(1);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const agents = [...lab.agents];
    const costsOf = startCosts([lab.server, ...agents.map((agent) => agent.process)]);
    await lab.deliver(content);
    const wholeMs = (1000 * packageBytes) / Math.min(goodputBytesPerSecond(wan), goodputBytesPerSecond(lan) / 2);
    const withinMs = 60_000 + 4 * wholeMs;
    const dead = await killFirstDownloaders(lab, network, scenario, content, withinMs);
    const alive = agents.filter((agent) => !dead.has(agent));
    await eventually(
      'every agent has the package',
      () => alive.every((agent) => writtenAtMs(agent, content, 'finished') !== null) || null,
      withinMs,
      pollMs,
    );
    const costs = costsOf([lab.server, ...alive.map((agent) => agent.process)]);
    const wanted = agents.map((agent) => writtenAtMs(agent, content, 'blocks.journal') ?? Number.POSITIVE_INFINITY);
    const readyAtMs = network.subnets.map(({ number }) =>
      alive
        .filter((agent) => agent.subnet.number === number)
        .map((agent) => writtenAtMs(agent, content, 'finished') ?? Number.NaN),
    );
    const copies: number[] = [];
    for (const subnet of network.subnets) copies.push((await lab.wanBytes(subnet, content)) / packageBytes);
    return { ...figuresOf(Math.min(...wanted), readyAtMs, copies), ...costs, loadBefore };
  } finally {
    await lab.stop();
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns what ends the measuring, and says what it cost those processes that live. */
function startCosts(all: readonly LabProcess[]): (alive: readonly LabProcess[]) => LabCosts {
  const startedAtMs = performance.now();
  const idleBefore = idleSeconds();
  const before = new Map(all.map((process) => [process, process.cpuSeconds()]));
  return (alive) => {
    const coreSeconds = ((performance.now() - startedAtMs) / 1000) * cpus().length;
    const cpuSeconds = alive.reduce((sum, process) => sum + process.cpuSeconds() - (before.get(process) ?? 0), 0);
    return { cpuShare: cpuSeconds / coreSeconds, idleShare: (idleSeconds() - idleBefore) / coreSeconds };
  };
}

/** Of all cores together, since the computer was started. */
function idleSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0) / 1000;
}

/**
 * When the file was made, wall time; null while there is none. An agent makes the journal of its blocks before it asks who
 * has the package, and the marker `finished` when the last file is in place.
 */
function writtenAtMs(agent: LabAgent, content: LabPackage, file: 'blocks.journal' | 'finished'): number | null {
  return statSync(fileOf(agent, content, file), { throwIfNoEntry: false })?.birthtimeMs ?? null;
}

function fileOf({ dataFolder }: LabAgent, { key }: LabPackage, file: string): string {
  return path.join(dataFolder, 'packages', key, file);
}

/** Returns the dead. */
async function killFirstDownloaders(
  lab: FanoutLab,
  network: LabNetwork,
  { packageBytes, killsFirstDownloadersAtPercent: percent }: FidelityScenario,
  content: LabPackage,
  withinMs: number,
): Promise<ReadonlySet<LabAgent>> {
  const dead = new Set<LabAgent>();
  if (percent === undefined) return dead;
  const blocks = (Math.ceil(packageBytes / blockBytes) * percent) / 100;
  await eventually(
    'every first downloader has its share and is dead',
    async () => {
      const direct = (await lab.call('agents', {})).filter(({ directBytes }) => directBytes > 0);
      for (const agent of [...lab.agents]) {
        if (dead.has(agent) || !direct.some(({ agentId }) => agentId === agent.agentId)) continue;
        if ([...dead].some(({ subnet }) => subnet.number === agent.subnet.number)) continue;
        const journal = statSync(fileOf(agent, content, 'blocks.journal'), { throwIfNoEntry: false });
        if ((journal?.size ?? 0) < blocks * journalRecordBytes) continue;
        dead.add(agent);
        await agent.process.kill();
      }
      return dead.size === network.subnets.length || null;
    },
    withinMs,
    pollMs,
  );
  return dead;
}
