import { hostname } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { formatCidr, formatIpv4, isLoopback, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { AgentFailureCode, WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { AgentFailure } from '../agent-worker/agent-failure.ts';
import type { RunningAgent } from '../agent-worker/agent-runtime.ts';
import { startAgent } from '../agent-worker/agent-runtime.ts';
import { productVersion } from '../fleet/product-version.ts';
import { chooseInterface, systemAddresses } from './agent-interface.ts';
import { addAgentUserCommands } from './agent-user-commands.ts';
import type { CommandContext } from './command-context.ts';
import { interrupted } from './command-context.ts';
import type { ExitCode } from './exit-codes.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption, interfaceOption, serverUrlOption } from './option-values.ts';

interface AgentCommandOptions {
  readonly server?: string;
  readonly joinToken?: string;
  readonly data?: string;
  readonly name?: string;
  readonly interface?: string;
  readonly port: number;
  readonly hearingPort?: number;
  readonly prefix?: number;
  readonly allowExecute?: true;
  readonly verbose?: true;
  readonly json?: true;
}

const helpText = `
Runs until Ctrl+C. The identity stays in the data folder: the next start needs no join token.
With --json one line {pid, agentId, name, address, port} is printed when the agent is running.
The subcommands speak to an agent that runs on this computer with that data folder.`;

export function addAgentCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('agent')
    .description('Run one agent on this computer and join a Notification Server.')
    .option('--server <url>', "the server's listener for agents, e.g. https://server.example:27800", serverUrlOption)
    .option('--data <folder>', 'folder for its identity and packages')
    .option('--join-token <token>', 'join token of that server, needed the first time')
    .option('--name <name>', 'name in the console; the name of this computer by default')
    .option(
      '--interface <address>',
      'address of the network card to live on, or "auto" for every card; every card by default',
      interfaceOption,
    )
    .option('--prefix <bits>', "prefix length of its subnet; the card's by default", integerOption(8, 30))
    .option('--port <port>', 'TCP and UDP port', integerOption(1024, 65_535), 27801)
    .option('--hearing-port <port>', "port for broadcasts; the policy's by default", integerOption(1024, 65_535))
    .option('--allow-execute', 'run the commands of packages that deliveries name, as the user of this process')
    .option('--verbose', 'write the log of the agent to standard error')
    .option('--json', 'print where the agent is as JSON')
    .addHelpText('after', helpText)
    .action((options: AgentCommandOptions) => runAgent(options, context));
  addAgentUserCommands(command, context);
}

async function runAgent(options: AgentCommandOptions, context: CommandContext): Promise<void> {
  const agent = agentOf(options);
  let onFailure: (failure: AgentFailure) => void = () => undefined;
  const failed = new Promise<AgentFailure>((resolve) => {
    onFailure = resolve;
  });
  const running = await start(agent, options, context, onFailure);
  const { name } = agent;
  const places = running.interfaces.map(({ address, subnet }) => ({
    address: formatIpv4(address),
    subnet: formatCidr(subnet),
  }));
  const address = places[0]?.address ?? null;
  const where = places.map((place) => `${place.address}:${running.port} in ${place.subnet}`).join(', ');
  context.print(
    options.json
      ? JSON.stringify({ pid: process.pid, agentId: running.agentId, name, address, port: running.port })
      : `Agent ${name} is running${where === '' ? ', and waits for a network' : ` at ${where}`}. Ctrl+C stops it.`,
  );
  const failure = await Promise.race([failed, interrupted(context.interrupt)]);
  await running.stop();
  if (failure !== undefined) throw failureOf(failure);
}

function interfaceOf(options: AgentCommandOptions, server: string): WorkerAgent['interface'] {
  if (options.interface === 'auto') return 'auto';
  const own = chooseInterface(
    {
      ...(options.interface === undefined ? {} : { address: options.interface }),
      ...(options.prefix === undefined ? {} : { prefixLength: options.prefix }),
    },
    new URL(server).hostname,
    systemAddresses(),
  );
  if (own === null) {
    throw new CommandFailure(
      exitCodes.portInUse,
      options.interface === undefined
        ? 'This computer has no network card with an IPv4 address. Name an address with --interface.'
        : `This computer does not have the address ${options.interface}.`,
    );
  }
  // Nobody has named an address, and the server is not on this computer: every card that is up, and those to come.
  const isFree = options.interface === undefined && options.prefix === undefined;
  return isFree && !isLoopback(parseIpv4(own.address) ?? 0) ? 'auto' : own;
}

function agentOf(options: AgentCommandOptions): WorkerAgent {
  const { port, server, data, joinToken, hearingPort } = options;
  // Not for the parser to require: the subcommands do without.
  if (server === undefined)
    throw new CommandFailure(exitCodes.usage, '--server is missing, e.g. --server https://server.example:27800.');
  if (data === undefined)
    throw new CommandFailure(
      exitCodes.usage,
      '--data is missing: the folder for the identity and packages of the agent.',
    );
  return {
    name: agentName(options.name ?? hostname()),
    dataFolder: path.resolve(data),
    interface: interfaceOf(options, server),
    port,
    hearingPort: hearingPort ?? null,
    serverUrl: server,
    conditionsFrom: 'computer',
    allowsExecution: options.allowExecute === true,
    joinToken: joinToken ?? null,
  };
}

/** The worker protocol allows letters, digits, dots, dashes and underscores; a computer may be called anything. */
function agentName(wanted: string): string {
  return (
    wanted
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64) || 'agent'
  );
}

async function start(
  agent: WorkerAgent,
  options: AgentCommandOptions,
  context: CommandContext,
  onFailure: (failure: AgentFailure) => void,
): Promise<RunningAgent> {
  const stream = pino.destination({ dest: 2, sync: true });
  // The level is the policy's; without --verbose nothing but errors gets through to the terminal.
  const logger = pino({}, pino.multistream([{ level: options.verbose ? 'debug' : 'error', stream }]));
  try {
    return await startAgent({
      ...agent,
      productVersion: productVersion(),
      logger,
      onIdentityChanged: (agentId) =>
        context.note(`This disk was copied from another agent. It goes on as ${agentId}.`),
      onFailure,
      onNotice: (notice) => context.note(notice.message),
      hasControlSocket: true,
    });
  } catch (error) {
    throw error instanceof AgentFailure ? failureOf(error) : error;
  }
}

function failureOf(failure: AgentFailure): CommandFailure {
  return new CommandFailure(failureExitCodes[failure.code], failure.message);
}

const failureExitCodes: Record<AgentFailureCode, ExitCode> = {
  'join-token-invalid': exitCodes.refused,
  'server-identity-mismatch': exitCodes.refused,
  revoked: exitCodes.refused,
  cloned: exitCodes.refused,
  'server-unreachable': exitCodes.serverUnreachable,
  'port-in-use': exitCodes.portInUse,
  'address-not-available': exitCodes.portInUse,
  'data-folder-in-use': exitCodes.dataFolder,
  'data-folder-not-writable': exitCodes.dataFolder,
  internal: exitCodes.failed,
};
