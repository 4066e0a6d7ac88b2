import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FleetPlan } from '../../../shared/contracts/fleet.ts';
import { childProcessLauncher } from '../../fleet/child-process-launcher.ts';
import { ConsoleClient } from '../../fleet/console-client.ts';
import type { DemoPackage } from '../../fleet/demo-setup.ts';
import { EmbeddedFleet } from '../../fleet/embedded-fleet.ts';
import { loopbackPlan, singleAddressPlan } from '../../fleet/fleet-plan.ts';
import { findFreePort, hasWholeLoopback } from '../../fleet/loopback-probe.ts';
import { workerEntry } from '../../fleet/worker-entry.ts';
import type { CommandContext } from '../command-context.ts';
import { startLocalServer } from '../local-server.ts';
import { formatBytes } from '../text-format.ts';
import type { DemoOptions } from './demo-options.ts';

/** What one run works with: everything of it is temporary. */
export interface DemoStage {
  readonly plan: FleetPlan;
  /** Not started yet. */
  readonly fleet: EmbeddedFleet;
  readonly console: ConsoleClient;
  readonly signInLink: string;
  readonly agentsFolder: string;
}

/** The library's copy of the package, the database, and room to breathe. */
const reserveBytes = 500_000_000;

/** Starts a server in a temporary folder, lets `play` have the stage, then stops everything and deletes the folder. */
export async function withDemoStage(
  options: DemoOptions,
  context: CommandContext,
  play: (stage: DemoStage) => Promise<void>,
): Promise<void> {
  const plan = await demoPlan(options);
  const folder = await mkdtemp(path.join(options.temporaryFolder ?? tmpdir(), 'fanout-demo-'));
  try {
    await refuseWithoutSpace(folder, options);
    const fleet = new EmbeddedFleet({
      launcher: childProcessLauncher(),
      workerEntry: workerEntry(),
      onOutput: (line) => context.note(line),
    });
    const server = await startLocalServer({
      dataFolder: path.join(folder, 'server'),
      agentListen: { address: '127.0.0.1', port: 0 },
      consolePort: 0,
    });
    server.setFleet(fleet);
    try {
      await play({
        plan,
        fleet,
        console: new ConsoleClient(server.consoleUrl, server.apiToken),
        signInLink: server.makeSignInLink(),
        agentsFolder: path.join(folder, 'agents'),
      });
    } finally {
      // Agents first: they say goodbye to a server that still listens.
      await fleet.stop();
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where each agent has put the file, in the order of the plan. */
export function copiesOf(stage: DemoStage, demoPackage: DemoPackage, file: string): string[] {
  return stage.plan.subnets.flatMap((subnet) =>
    subnet.agents.map((agent) =>
      path.join(packageFolder(stage, agent.name, demoPackage), 'files', path.basename(file)),
    ),
  );
}

/** Where an agent writes down which blocks are on its disk. */
export function blockJournalOf(stage: DemoStage, agentName: string, demoPackage: DemoPackage): string {
  return path.join(packageFolder(stage, agentName, demoPackage), 'blocks.journal');
}

/** As laid out by electron/agent-worker. */
function packageFolder(stage: DemoStage, agentName: string, demoPackage: DemoPackage): string {
  return path.join(stage.agentsFolder, agentName, 'packages', demoPackage.key);
}

async function demoPlan(options: DemoOptions): Promise<FleetPlan> {
  const port = await findFreePort();
  if (port === null) throw new Error('No free port was found for the agents in 50 attempts.');
  const request = {
    agents: options.agents,
    subnets: options.subnets,
    port,
    wanKilobitsPerSecond: options.wanKilobitsPerSecond,
    // A kill must hit one agent, not all that happen to share its process.
    agentsPerWorker: options.killAtPercent === null ? options.agentsPerWorker : 1,
  };
  const plan = (await hasWholeLoopback()) ? loopbackPlan(request) : singleAddressPlan(request);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

async function refuseWithoutSpace(folder: string, options: DemoOptions): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = options.fileBytes * (options.agents + 1) + reserveBytes;
  if (bavail * bsize >= neededBytes) return;
  throw new Error(
    `${folder} has ${formatBytes(bavail * bsize)} free, but ${options.agents} copies need ${formatBytes(neededBytes)}. Name another place with --data.`,
  );
}
