import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { DemoReport } from '../../../shared/contracts/demo-report.ts';
import type { FleetPlan } from '../../../shared/contracts/fleet.ts';
import { countJournalledBlocks } from '../../agent-worker/block-journal.ts';
import type { ConsoleClient } from '../../fleet/console-client.ts';
import { pause } from '../../fleet/demo-setup.ts';
import type { EmbeddedFleet } from '../../fleet/embedded-fleet.ts';

/** At 1 Gbit/s a block of 2 MiB takes 17 ms: one look per block or so. */
const pollMs = 20;

export interface KillOptions {
  readonly console: ConsoleClient;
  readonly fleet: EmbeddedFleet;
  readonly plan: FleetPlan;
  readonly packageBytes: number;
  /** Share of the package that the server has to have sent to the first downloader, 1 … 99. */
  readonly atPercent: number;
  /** Monotonic milliseconds at which the delivery began. */
  readonly startedAtMs: number;
  /** Where an agent writes down which blocks of the package are on its disk. */
  readonly journalOf: (agentName: string) => string;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits in every subnet for the first downloader – the agent that the server sends most block bytes to, counted at the server's
 * sockets – to have been sent its share, and kills its process. Ends when every subnet had its kill or the signal fires.
 */
export async function killFirstDownloaders(options: KillOptions): Promise<DemoReport['killed']> {
  const killed: DemoReport['killed'] = [];
  const waiting = new Set(options.plan.subnets.map((subnet) => subnet.subnet));
  const thresholdBytes = (options.packageBytes * options.atPercent) / 100;
  try {
    while (waiting.size > 0) {
      const agents = await options.console.call('agents', {});
      for (const subnet of waiting) {
        const first = firstDownloader(agents, subnet);
        if (first === null || first.directBytes < thresholdBytes) continue;
        const kill = await killOne(first, subnet, options);
        if (kill === null) continue;
        waiting.delete(subnet);
        killed.push(kill);
        options.note(`Killed ${kill.agent} (process ${kill.pid}) in ${subnet}, which held ${kill.blocksHeld} blocks.`);
      }
      await pause(pollMs, options.signal);
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
  return killed;
}

function firstDownloader(agents: readonly AgentSummary[], subnet: string): AgentSummary | null {
  let first: AgentSummary | null = null;
  for (const agent of agents) {
    if (agent.subnet === subnet && agent.directBytes > (first?.directBytes ?? 0)) first = agent;
  }
  return first;
}

async function killOne(
  agent: AgentSummary,
  subnet: string,
  options: KillOptions,
): Promise<DemoReport['killed'][number] | null> {
  // The name at the server may differ from the one in the plan; the identity does not.
  const planned = options.fleet.status().agents.find((candidate) => candidate.agentId === agent.agentId);
  const pid = planned === undefined ? null : options.fleet.killWorkerOf(planned.name);
  if (planned === undefined || pid === null) return null;
  const atSeconds = (performance.now() - options.startedAtMs) / 1000;
  const blocksHeld = await countJournalledBlocks(options.journalOf(planned.name));
  return { agent: planned.name, subnet, pid, blocksHeld, atSeconds };
}
