import path from 'node:path';
import type { Command } from 'commander';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';
import type { EmbeddedFleetStatus, FleetStatus } from '../../shared/contracts/fleet-api.ts';
import type { Impairments } from '../../shared/contracts/impairments.ts';
import { childProcessLauncher } from '../fleet/child-process-launcher.ts';
import { defaultDataFolder } from '../fleet/data-folder.ts';
import { EmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { findNetworkCard, loopbackPlan, networkCardPlan, singleAddressPlan } from '../fleet/fleet-plan.ts';
import { hasWholeLoopback, takenSockets } from '../fleet/loopback-probe.ts';
import { workerEntry } from '../fleet/worker-entry.ts';
import type { CommandContext } from './command-context.ts';
import { interrupted } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { addFleetActionCommands } from './fleet-action-commands.ts';
import { addFleetConditionsCommand } from './fleet-conditions-command.ts';
import { integerOption, serverUrlOption } from './option-values.ts';
import { connect } from './server-connection.ts';
import { formatTable } from './text-format.ts';

interface FleetOptions {
  readonly data?: string;
  readonly console?: string;
  readonly server?: string;
  readonly token?: string;
  readonly joinToken?: string;
  readonly agents: number;
  readonly subnets: number;
  readonly interface?: string;
  readonly port: number;
  readonly perWorker: number;
  readonly json?: true;
}

export function addFleetCommand(program: Command, context: CommandContext): void {
  const fleet = program
    .command('fleet')
    .description(
      'Show the embedded agents of a running server; or, with --join-token, start agents of this computer for a server and keep them running until Ctrl+C.',
    )
    .option('--data <folder>', "data folder: the server's, or where the started agents keep theirs")
    .option('--console <url>', 'console of another server (with --token)', serverUrlOption)
    .option('--token <token>', 'API token; for --console also read from FANOUT_TOKEN')
    .option('--server <url>', "with --join-token: the server's listener for agents", serverUrlOption)
    .option('--join-token <token>', 'start agents and let them join with this token')
    .option('--agents <count>', 'how many agents to start', integerOption(1, 512), 4)
    .option('--subnets <count>', 'over how many loopback subnets', integerOption(1, 64), 1)
    .option('--interface <card>', 'name or address of a network card, instead of loopback')
    .option('--port <port>', 'port of the agents', integerOption(1024, 65_535), 27801)
    .option('--per-worker <count>', 'agents in one process', integerOption(1, 64), 8)
    .option('--json', 'print the status as JSON')
    .action((options: FleetOptions) =>
      options.joinToken === undefined ? showFleet(options, context) : runFleet(options, options.joinToken, context),
    );
  addFleetActionCommands(fleet, context);
  addFleetConditionsCommand(fleet, context);
}

async function showFleet(options: FleetOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const status = await console.call('fleet', {});
  if (options.json) {
    context.print(JSON.stringify(status));
    return;
  }
  if (status.agents.length === 0) context.print(noAgentsText(status));
  else for (const line of statusTable(status)) context.print(line);
}

function noAgentsText({ demo }: FleetStatus): string {
  if (demo.isProblem) return demo.message;
  const next = demo.available ? ' "fanout fleet demo start" starts a demo fleet.' : '';
  return `The server has no embedded agents.${next}`;
}

function statusTable(status: EmbeddedFleetStatus): string[] {
  return formatTable([
    ['AGENT', 'ADDRESS', 'SUBNET', 'STATE', 'PROCESS', 'RESTARTS', 'DONE TO IT', ''],
    ...status.agents.map((agent) => [
      agent.name,
      `${agent.address}:${agent.port}`,
      agent.subnet,
      agent.state,
      agent.workerPid === null ? '-' : String(agent.workerPid),
      String(agent.restarts),
      impairmentsText(agent.impairments),
      agent.detail,
    ]),
  ]);
}

function impairmentsText({ kilobytesPerSecond, corrupts, isUnplugged }: Impairments): string {
  const done = [
    ...(isUnplugged ? ['unplugged'] : []),
    ...(corrupts ? ['corrupting'] : []),
    ...(kilobytesPerSecond === null ? [] : [`${kilobytesPerSecond} KB/s`]),
  ];
  return done.length === 0 ? '-' : done.join(', ');
}

async function runFleet(options: FleetOptions, joinToken: string, context: CommandContext): Promise<void> {
  if (options.server === undefined) {
    throw new CommandFailure(
      exitCodes.usage,
      '--join-token needs --server, e.g. --server https://server.example:27800.',
    );
  }
  const plan = await planOf(options);
  const [taken] = await takenSockets(plan);
  if (taken !== undefined) {
    throw new CommandFailure(exitCodes.portInUse, `${taken} is taken by another program. Choose another --port.`);
  }
  const fleet = new EmbeddedFleet({
    launcher: childProcessLauncher(),
    workerEntry: workerEntry(),
    onOutput: (line) => context.note(line),
  });
  const everybodyFailed = new Promise<void>((resolve) => {
    fleet.onChange(noteChanges(context, resolve));
  });
  fleet.start(plan, {
    serverUrl: options.server,
    joinToken,
    dataFolder: path.resolve(options.data ?? path.join(defaultDataFolder(), 'joined-agents')),
  });
  await Promise.race([interrupted(context.interrupt), everybodyFailed]);
  const status = fleet.status();
  await fleet.stop();
  if (options.json) context.print(JSON.stringify(status));
  if (!context.interrupt.aborted) throw new CommandFailure(exitCodes.failed, 'No agent of the fleet could start.');
}

async function planOf(options: FleetOptions): Promise<FleetPlan> {
  const { agents, subnets, port, perWorker: agentsPerWorker } = options;
  const request = { agents, subnets, port, agentsPerWorker };
  if (options.interface !== undefined) {
    const card = findNetworkCard(options.interface);
    if (!card.ok) throw new CommandFailure(exitCodes.notFound, card.error);
    const plan = networkCardPlan(card.value, request);
    if (!plan.ok) throw new CommandFailure(exitCodes.usage, plan.error);
    return plan.value;
  }
  const plan = (await hasWholeLoopback()) ? loopbackPlan(request) : singleAddressPlan(request);
  if (!plan.ok) throw new CommandFailure(exitCodes.usage, plan.error);
  return plan.value;
}

/** A line on standard error for every agent whose state changed; `onAllFailed` when nothing is left to wait for. */
function noteChanges(context: CommandContext, onAllFailed: () => void): (status: EmbeddedFleetStatus) => void {
  const known = new Map<string, string>();
  return (status) => {
    for (const agent of status.agents) {
      if (known.get(agent.name) === agent.state) continue;
      known.set(agent.name, agent.state);
      context.note(
        `${agent.name} (${agent.address}:${agent.port}): ${agent.state}${agent.detail === '' ? '' : `. ${agent.detail}`}`,
      );
    }
    if (status.agents.every((agent) => agent.state === 'failed')) onAllFailed();
  };
}
