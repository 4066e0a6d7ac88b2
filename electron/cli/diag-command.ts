import type { Command } from 'commander';
import type { AgentId } from '../../shared/base/ids.ts';
import type { AgentDiagnostics } from '../../shared/contracts/diagnostics.ts';
import type { SupportCase } from '../../shared/contracts/support-case.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { readConsoleFeed } from '../fleet/console-feed-reader.ts';
import type { CommandContext } from './command-context.ts';
import { diagnosticsLines, storedLines } from './diag-text.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { chooseAgent } from './security-commands.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { formatTime } from './text-format.ts';

interface DiagOptions extends JsonOptions {
  readonly journal: number;
  readonly timeout: number;
}

const helpText = `
The agent tells it now, over the server: an answer in one sentence to "why is this download slow, or from the server?",
its packages, peers and newest decisions. Of an agent that is offline, or does not tell in time, what the server has
stored is shown instead. With --json everything is one document for a support case.`;

/** `fanout diag AGENT` */
export function addDiagCommand(program: Command, context: CommandContext): void {
  addServerCommand(program, 'diag', {
    description: 'Why does an agent download as it does? Its own diagnostics, as its page in the console shows them.',
    json: '{madeAtMs, server, isLive, reason, diagnostics, agent, effectiveSettings, alerts}',
    examples: ['fanout diag PC-17', 'fanout diag PC-17 --json > case-4711.json'],
  })
    .argument('<agent>', 'name or id')
    .option('--journal <lines>', 'how many of its newest decisions', integerOption(0, 200), 20)
    .option('--timeout <seconds>', 'how long to wait for the agent', integerOption(1, 600), 10)
    .addHelpText('after', helpText)
    .action((nameOrId: string, options: DiagOptions) => diag(nameOrId, options, context));
}

async function diag(nameOrId: string, options: DiagOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId, online, name, lastSeenMs } = await chooseAgent(console, nameOrId);
  const diagnostics = online
    ? await freshDiagnostics(console, agentId, options.timeout * 1000, context.interrupt)
    : null;
  if (context.interrupt.aborted) throw new CommandFailure(exitCodes.interrupted, 'Interrupted.');
  const reason = online
    ? `${name} is connected, and did not tell its diagnostics within ${options.timeout} s. This is what the server has stored.`
    : `${name} is offline since ${formatTime(lastSeenMs)}. This is what the server has stored.`;
  const agent = await console.call('agent', { params: { agentId } });
  if (!options.json) {
    const lines = diagnostics === null ? storedLines(agent, reason) : diagnosticsLines(diagnostics, options.journal);
    for (const line of lines) context.print(line);
    return;
  }
  const { serverName, productVersion } = await console.call('session', {});
  const alerts = (await console.call('alerts', {})).filter((alert) => alert.agentId === agentId);
  const supportCase: SupportCase = {
    madeAtMs: Date.now(),
    server: { name: serverName, productVersion, consoleUrl: console.consoleUrl },
    isLive: diagnostics !== null,
    reason: diagnostics === null ? reason : null,
    diagnostics,
    agent,
    effectiveSettings: await console.call('effectiveSettings', { params: { agentId } }),
    alerts,
  };
  context.print(JSON.stringify(supportCase));
}

/** The server may still have a report of when somebody looked before: the first one that differs from it is of now. */
function freshDiagnostics(
  console: ConsoleClient,
  agentId: AgentId,
  withinMs: number,
  signal: AbortSignal,
): Promise<AgentDiagnostics | null> {
  let before: AgentDiagnostics | null | undefined;
  return readConsoleFeed(console, {
    topic: { topic: 'agent', agentId },
    pick: (message) => {
      if (message.topic !== 'agent') return null;
      const { diagnostics } = message.data;
      if (before === undefined) before = diagnostics;
      return diagnostics !== null && diagnostics.atMs !== before?.atMs ? diagnostics : null;
    },
    withinMs,
    signal,
  });
}
