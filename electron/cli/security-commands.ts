import type { Command } from 'commander';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';

interface SecurityOptions extends ConnectionOptions {
  readonly json?: true;
}

export function addRevokeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('revoke')
    .argument('<agent>', 'name or id of the agent')
    .description('Put an agent out for good: a lost or stolen computer. It can only enrol again as another one.')
    .option('--json', 'print the agent as JSON');
  addConnectionOptions(command).action((nameOrId: string, options: SecurityOptions) =>
    revoke(nameOrId, options, context),
  );
}

export function addRetryCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('retry')
    .argument('<agent>', 'name or id of the agent')
    .description('Have an agent try again at once what failed there: downloads and installations.')
    .option('--json', 'print the agent as JSON');
  addConnectionOptions(command).action((nameOrId: string, options: SecurityOptions) =>
    retry(nameOrId, options, context),
  );
}

export function addRotateKeysCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('rotate-keys')
    .description('Go over to the next group key of the agents now, without an outage.')
    .option('--json', 'print the keys (numbers and times, not the keys themselves) as JSON');
  addConnectionOptions(command).action((options: SecurityOptions) => rotateKeys(options, context));
}

async function revoke(nameOrId: string, options: SecurityOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId } = await chooseAgent(console, nameOrId);
  const agent = await console.call('revokeAgent', { params: { agentId } });
  context.print(options.json ? JSON.stringify(agent) : `${agent.name} (${agent.agentId}) is revoked.`);
}

async function retry(nameOrId: string, options: SecurityOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const agent = await chooseAgent(console, nameOrId);
  await console.call('retryNow', { params: { agentId: agent.agentId } });
  context.print(
    options.json ? JSON.stringify(agent) : `${agent.name} (${agent.agentId}) tries again what failed there.`,
  );
}

/** Names need not be unique, ids are. */
export async function chooseAgent(console: ConsoleClient, nameOrId: string): Promise<AgentSummary> {
  const agents = (await console.call('agents', {})).filter(
    ({ agentId, name }) => agentId === nameOrId || name === nameOrId,
  );
  const [agent, ...others] = agents;
  if (agent === undefined) throw new CommandFailure(exitCodes.notFound, `There is no agent "${nameOrId}".`);
  if (others.length > 0) {
    throw new CommandFailure(
      exitCodes.usage,
      `${agents.length} agents are called "${nameOrId}"; give an id: ${agents.map(({ agentId }) => agentId).join(', ')}.`,
    );
  }
  return agent;
}

async function rotateKeys(options: SecurityOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const keys = await console.call('rotateGroupKeys', {});
  const nowMs = Date.now();
  const current = keys.filter(({ activateAtMs }) => activateAtMs <= nowMs).at(-1);
  context.print(options.json ? JSON.stringify(keys) : `Group key ${current?.id ?? '–'} is in use now.`);
}
