import { type Command, Option } from 'commander';
import { agentLines, detailLines, effectiveSettingLines, matchingAgents } from './agents-text.ts';
import type { CommandContext } from './command-context.ts';
import { chooseAgent } from './security-commands.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { chooseSite } from './site-command.ts';

interface ListOptions extends JsonOptions {
  readonly site?: string;
  readonly name?: string;
  readonly online?: true;
  readonly offline?: true;
}

interface SettingsOptions extends JsonOptions {
  readonly changed?: true;
}

/** `fanout agents …`: the computers of the organisation. */
export function addAgentsCommand(program: Command, context: CommandContext): void {
  const agents = program
    .command('agents')
    .description('The computers: where they are, what they have, and which settings hold for them.');
  addServerCommand(agents, 'list', {
    description: 'List agents, all or some.',
    json: 'the agents',
    examples: ['fanout agents list --site Berlin --offline', 'fanout agents list --name "pc-4*" --json'],
  })
    .option('--site <site>', 'only those of this site (name or id)')
    .option('--name <pattern>', 'only those of such a name, with * and ?; case does not count')
    .option('--online', 'only those that are connected')
    .addOption(new Option('--offline', 'only those that are not').conflicts('online'))
    .action((options: ListOptions) => list(options, context));
  addServerCommand(agents, 'show', {
    description: 'Show an agent and its packages, as the server knows them.',
    json: 'the agent',
    examples: ['fanout agents show PC-17'],
  })
    .argument('<agent>', 'name or id')
    .action((nameOrId: string, options: JsonOptions) => show(nameOrId, options, context));
  addServerCommand(agents, 'settings', {
    description: 'Show every setting that holds for an agent, and which policy, page or rule it comes from.',
    json: '[{page, key, value, from}]',
    examples: ['fanout agents settings PC-17 --changed'],
  })
    .argument('<agent>', 'name or id')
    .option('--changed', 'only values that are not the default')
    .action((nameOrId: string, options: SettingsOptions) => settings(nameOrId, options, context));
}

async function list(options: ListOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { site, name, online, offline } = options;
  const siteName = site === undefined ? undefined : chooseSite(await console.call('sites', {}), site).name;
  const found = matchingAgents(await console.call('agents', {}), {
    ...(siteName === undefined ? {} : { siteName }),
    ...(name === undefined ? {} : { namePattern: name }),
    ...(online || offline ? { isOnline: online === true } : {}),
  });
  if (options.json) context.print(JSON.stringify(found));
  else if (found.length === 0) context.note('There is no such agent.');
  else for (const line of agentLines(found)) context.print(line);
}

async function show(nameOrId: string, options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId } = await chooseAgent(console, nameOrId);
  const agent = await console.call('agent', { params: { agentId } });
  if (options.json) context.print(JSON.stringify(agent));
  else for (const line of detailLines(agent)) context.print(line);
}

async function settings(nameOrId: string, options: SettingsOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId, name } = await chooseAgent(console, nameOrId);
  const all = await console.call('effectiveSettings', { params: { agentId } });
  const shown = options.changed ? all.filter(({ from }) => from.kind !== 'default') : all;
  if (options.json) context.print(JSON.stringify(shown));
  else if (shown.length === 0) context.note(`${name} has the defaults in everything.`);
  else for (const line of effectiveSettingLines(shown)) context.print(line);
}
