import type { Command } from 'commander';
import type { z } from 'zod';
import type { alertSchema } from '../../shared/contracts/console-api.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { formatTable, formatTime } from './text-format.ts';

/** `fanout alerts`: what an administrator should look at. */
export function addAlertsCommand(program: Command, context: CommandContext): void {
  addServerCommand(program, 'alerts', {
    description: 'List what an administrator should look at, the newest first: damaged blocks, copied agents.',
    json: 'the alerts',
    examples: ['fanout alerts', 'fanout alerts --agent PC-17 --json'],
  })
    .option('--agent <agent>', 'only those about this agent (name or id)')
    .action((options: JsonOptions & { readonly agent?: string }) => alerts(options, context));
}

async function alerts(options: JsonOptions & { readonly agent?: string }, context: CommandContext): Promise<void> {
  const { agent } = options;
  const all = await (await connect(options)).call('alerts', {});
  const shown = all.filter(({ agentId, agentName }) => agent === undefined || agent === agentId || agent === agentName);
  if (options.json) context.print(JSON.stringify(shown));
  else if (shown.length === 0) context.note('There are no alerts.');
  else for (const line of alertLines(shown)) context.print(line);
}

export function alertLines(alerts: readonly z.infer<typeof alertSchema>[]): string[] {
  const rows = alerts.map(({ lastAtMs, kind, agentName, count, detail }) => [
    formatTime(lastAtMs),
    kind,
    agentName,
    `${count}`,
    detail,
  ]);
  return formatTable([['LAST', 'KIND', 'AGENT', 'TIMES', 'WHAT'], ...rows]);
}

/** `fanout session …`: who is signed in with a browser. */
export function addSessionCommand(program: Command, context: CommandContext): void {
  const session = program.command('session').description('Who is signed in to the console with a browser.');
  addServerCommand(session, 'list', { description: 'List the sessions.', json: 'the sessions' }).action(
    (options: JsonOptions) => listSessions(options, context),
  );
  addServerCommand(session, 'end', {
    description: 'End a session: its browser is signed out.',
    json: 'the session',
    examples: ['fanout session end 5f0c   # as "fanout session list" shows it, or its beginning'],
  })
    .argument('<id>', 'id of the session, or its beginning')
    .action((id: string, options: JsonOptions) => endSession(id, options, context));
}

async function listSessions(options: JsonOptions, context: CommandContext): Promise<void> {
  const sessions = await (await connect(options)).call('sessions', {});
  if (options.json) {
    context.print(JSON.stringify(sessions));
    return;
  }
  if (sessions.length === 0) {
    context.note('Nobody is signed in with a browser.');
    return;
  }
  const rows = sessions.map(({ id, name, role, createdAtMs, lastUsedMs, expiresAtMs, address, client }) => [
    id,
    name,
    role,
    formatTime(createdAtMs),
    formatTime(lastUsedMs),
    formatTime(expiresAtMs),
    address,
    client,
  ]);
  const head = ['ID', 'NAME', 'ROLE', 'SINCE', 'LAST USED', 'ENDS', 'ADDRESS', 'BROWSER'];
  for (const line of formatTable([head, ...rows])) context.print(line);
}

async function endSession(id: string, options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const found = (await console.call('sessions', {})).filter((session) => session.id.startsWith(id));
  const [session, ...others] = found;
  if (session === undefined) throw new CommandFailure(exitCodes.notFound, `There is no session "${id}".`);
  if (others.length > 0) {
    throw new CommandFailure(exitCodes.usage, `${found.length} sessions begin with "${id}"; give more of the id.`);
  }
  await console.call('endSession', { params: { id: session.id } });
  context.print(options.json ? JSON.stringify(session) : `The session of ${session.name} is ended.`);
}

/** `fanout group-keys`: how far a rotation is. */
export function addGroupKeysCommand(program: Command, context: CommandContext): void {
  addServerCommand(program, 'group-keys', {
    description: 'List the keys that agents know each other by (not the keys themselves): which is used, which comes.',
    json: '[{id, createdAtMs, activateAtMs, acceptUntilMs}]',
  }).action(async (options: JsonOptions) => {
    const keys = await (await connect(options)).call('groupKeys', {});
    if (options.json) context.print(JSON.stringify(keys));
    else for (const line of groupKeyLines(keys, Date.now())) context.print(line);
  });
}

interface GroupKeyTimes {
  readonly id: number;
  readonly activateAtMs: number;
  readonly acceptUntilMs: number | null;
}

export function groupKeyLines(keys: readonly GroupKeyTimes[], nowMs: number): string[] {
  const used = keys.filter(({ activateAtMs }) => activateAtMs <= nowMs).at(-1);
  const rows = keys.map((key) => [
    `${key.id}`,
    key === used ? 'in use' : key.activateAtMs > nowMs ? 'to come' : 'before',
    formatTime(key.activateAtMs),
    key.acceptUntilMs === null ? '–' : formatTime(key.acceptUntilMs),
  ]);
  return formatTable([['KEY', 'STATE', 'IN USE FROM', 'ACCEPTED UNTIL'], ...rows]);
}
