import type { Command } from 'commander';
import type { Overview } from '../../shared/contracts/console-api.ts';
import type { Health } from '../../shared/contracts/operation-api.ts';
import type { Session } from '../../shared/contracts/people-api.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { askHealth } from './server-health.ts';
import { formatBytes, formatColumns } from './text-format.ts';

export interface ServerStatus {
  readonly consoleUrl: string;
  readonly health: Health;
  readonly session: Session;
  readonly overview: Pick<Overview, 'agents' | 'agentsOnline' | 'packages' | 'directBytes' | 'peerBytes'>;
  readonly alerts: number;
}

/** `fanout status`: whether the server is well, and what it says of itself. */
export function addStatusCommand(program: Command, context: CommandContext): void {
  addServerCommand(program, 'status', {
    description:
      'Say whether the server is well, and what it has: agents, packages, bytes. Exit code 1: it is not well.',
    json: '{consoleUrl, health, session, overview, alerts}',
    examples: ['fanout status', 'fanout status --console http://127.0.0.1:27802 --token TOKEN'],
  }).action((options: JsonOptions) => status(options, context));
}

async function status(options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { consoleUrl } = console;
  const { health } = await askHealth(consoleUrl);
  const { agents, agentsOnline, packages, directBytes, peerBytes } = await console.call('overview', {});
  const found: ServerStatus = {
    consoleUrl,
    health,
    session: await console.call('session', {}),
    overview: { agents, agentsOnline, packages, directBytes, peerBytes },
    alerts: (await console.call('alerts', {})).length,
  };
  if (options.json) context.print(JSON.stringify(found));
  else for (const line of statusLines(found)) context.print(line);
  if (health.status !== 'ok')
    throw new CommandFailure(exitCodes.failed, `The server is not well. ${health.reasons.join(' ')}`);
}

export function statusLines({ consoleUrl, health, session, overview, alerts }: ServerStatus): string[] {
  const { database, diskFreeBytes, agentsListening, certificateDaysLeft, productVersion } = health;
  return formatColumns([
    ['server', `${session.serverName}, version ${productVersion}, ${health.status === 'ok' ? 'well' : 'not well'}`],
    ['console', `${consoleUrl}, asked as ${session.name} (${session.role})`],
    ['database', `${database.kind}, ${database.answers ? 'answers' : 'does not answer'}`],
    ['disk', diskFreeBytes === null ? 'the system does not tell' : `${formatBytes(diskFreeBytes)} free`],
    ['listener', agentsListening ? 'agents can connect' : 'agents cannot connect'],
    ['certificate', `${certificateDaysLeft} days left; it renews itself`],
    ['agents', `${overview.agents}, ${overview.agentsOnline} of them online`],
    ['packages', `${overview.packages}`],
    ['bytes', `${formatBytes(overview.directBytes)} direct, ${formatBytes(overview.peerBytes)} from peers`],
    ['alerts', alerts === 0 ? 'none' : `${alerts}; see "fanout alerts"`],
  ]);
}
