import { type Command, Option } from 'commander';
import type { Scope } from '../../shared/contracts/people-api.ts';
import { scopes } from '../../shared/contracts/people-api.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatTable, formatTime } from './text-format.ts';

interface TokenOptions extends ConnectionOptions {
  readonly json?: true;
}
interface CreateOptions extends TokenOptions {
  readonly scope: Scope;
  readonly days: number;
}

/** `fanout token …`: what programs use the interface with. */
export function addTokenCommand(program: Command, context: CommandContext): void {
  const token = program.command('token').description('The API tokens that programs sign in with.');
  addTo(token, 'list', 'List all API tokens, without the tokens themselves.').action((options: TokenOptions) =>
    list(options, context),
  );
  addTo(token, 'create', 'Make an API token and print it: the only time that it is shown.')
    .argument('<name>', 'stands in the audit trail')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(scopes).makeOptionMandatory())
    .option('--days <days>', 'how long it is valid, at most 365', integerOption(1, 365), 90)
    .action((name: string, options: CreateOptions) => create(name, options, context));
  addTo(token, 'revoke', 'Revoke an API token.')
    .argument('<id>', 'as `fanout token list` shows it')
    .action((id: string, options: TokenOptions) => revoke(id, options, context));
}

function addTo(token: Command, name: string, description: string): Command {
  return addConnectionOptions(token.command(name).description(description)).option(
    '--json',
    'print the result as JSON',
  );
}

async function list(options: TokenOptions, context: CommandContext): Promise<void> {
  const tokens = await (await connect(options)).call('apiTokens', {});
  if (options.json) {
    context.print(JSON.stringify(tokens));
    return;
  }
  if (tokens.length === 0) context.note('There are no API tokens.');
  const rows = tokens.map(({ id, name, scope, expiresAtMs, lastUsedMs, createdBy }) => [
    id,
    name,
    scope,
    formatTime(expiresAtMs),
    lastUsedMs === null ? 'never' : formatTime(lastUsedMs),
    createdBy,
  ]);
  const head = ['ID', 'NAME', 'SCOPE', 'EXPIRES', 'LAST USED', 'MADE BY'];
  for (const line of formatTable([head, ...rows])) context.print(line);
}

async function create(
  name: string,
  { scope, days, ...options }: CreateOptions,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const made = await console.call('createApiToken', { body: { name, scope, expiresInDays: days } });
  if (options.json) {
    context.print(JSON.stringify(made));
    return;
  }
  context.print(made.token);
  context.note(`${made.name} (${made.scope}) is valid until ${formatTime(made.expiresAtMs)}. It is not shown again.`);
}

async function revoke(id: string, options: TokenOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const token = (await console.call('apiTokens', {})).find((candidate) => candidate.id === id);
  if (token === undefined) throw new CommandFailure(exitCodes.notFound, `There is no API token with the id "${id}".`);
  await console.call('revokeApiToken', { params: { id } });
  context.print(options.json ? JSON.stringify(token) : `${token.name} is revoked.`);
}
