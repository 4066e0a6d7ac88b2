/** Fanout in a swarm topology: production bundles, a process for each agent, the defaults with peer downloading on. */
import path from 'node:path';
import { FanoutLab } from '../lab/fanout-lab.ts';
import type { LabNetwork } from '../lab/lab-network.ts';
import type { LabProcess } from '../lab/lab-processes.ts';
import { plainDownload } from '../lab/plain-download.ts';
import { writeRandomFile } from '../lab/random-file.ts';
import { recordTimeline } from './swarm-timeline.ts';
import type { SwarmFigures, SwarmTopology } from './swarm-topology.ts';
import { figuresOf, minimumSeconds } from './swarm-topology.ts';

const blockBytes = 2 * 1024 * 1024;
/** Enough to know what a content byte takes on the wire. */
const plainDownloadBlocks = 4;
/** An agent that has just started gathers wants for longer (docs/protocol.md); those of an organisation run for days. */
const settleMs = 6000;
/** The error of `seconds`, on the slow side. */
const readyPollMs = 20;

export interface FanoutSwarmOptions {
  readonly topology: SwarmTopology;
  readonly network: LabNetwork;
  readonly folder: string;
  readonly agentNodeOptions: readonly string[];
  readonly serverNodeOptions: readonly string[];
  /** Where to write how the blocks spread. */
  readonly timeline?: string;
}

export async function measureFanout(options: FanoutSwarmOptions): Promise<SwarmFigures> {
  const { topology, network, folder } = options;
  const [subnet] = network.subnets;
  if (subnet === undefined) throw new Error('the topology has no subnet');
  const lab = new FanoutLab(options);
  try {
    const file = path.join(folder, 'package.bin');
    await writeRandomFile(file, topology.packageBytes);
    await lab.startServer();
    const imported = await lab.importFile(file);
    await lab.startAgents(1);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const processes: LabProcess[] = [lab.server, ...lab.agents.map((agent) => agent.process)];
    const cpuBefore = sum(processes.map((process) => process.cpuSeconds()));
    const before = network.wanCounters(subnet);
    const startedAtMs = performance.now();
    const endTimeline = options.timeline === undefined ? null : recordTimeline(lab, imported, options.timeline);
    const delivery = await lab.deliver(imported);
    await lab.allReady(delivery, 60_000 + 10_000 * minimumSeconds(topology), readyPollMs);
    const seconds = (performance.now() - startedAtMs) / 1000;
    endTimeline?.();
    const after = network.wanCounters(subnet);
    const cpuSeconds = sum(processes.map((process) => process.cpuSeconds())) - cpuBefore;
    const rssPeakMib = Math.max(...lab.agents.map((agent) => agent.process.rssPeakMib()));
    const wanBytesBySocket = await lab.wanBytes(subnet, imported);
    const [first] = lab.agents;
    if (first === undefined) throw new Error('the topology has no agent');
    const blocks = Math.min(plainDownloadBlocks, Math.floor(topology.packageBytes / blockBytes));
    const plain = await plainDownload(lab, network, first, imported, blocks, 60_000);
    return figuresOf(topology, {
      seconds,
      cpuSeconds,
      rssPeakMib,
      wanBytesBySocket,
      wanBytesByKernel: after.intoSubnetBytes - before.intoSubnetBytes,
      wireBytesPerContentByte: plain.intoSubnetBytes / (blocks * blockBytes),
    });
  } finally {
    await lab.stop();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
