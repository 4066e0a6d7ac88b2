import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { choosePolicy } from './policy-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { parseTarget, targetHelp } from './target-text.ts';
import { formatColumns, formatTable } from './text-format.ts';

interface PreviewOptions extends ConnectionOptions {
  readonly policy?: string;
  readonly newPolicy?: true;
  readonly json?: true;
}

interface TagOptions extends ConnectionOptions {
  readonly target: string;
  readonly json?: true;
}

export function addTargetCommand(program: Command, context: CommandContext): void {
  const target = program.command('target').description('Which computers a target means.');
  const preview = target
    .command('preview')
    .argument('<target...>', targetHelp)
    .description('Count and name the agents of a target, and say whose policy would change.')
    .option('--policy <policy>', 'as if this policy (name or id) had the target')
    .option('--new-policy', 'as if a new policy, the last before Global, had the target')
    .option('--json', 'print {agents, members, changes} as JSON');
  addConnectionOptions(preview).action((words: string[], options: PreviewOptions) =>
    previewTarget(words.join(' '), options, context),
  );
}

async function previewTarget(text: string, options: PreviewOptions, context: CommandContext): Promise<void> {
  if (options.policy !== undefined && options.newPolicy) {
    throw new CommandFailure(exitCodes.usage, 'Give --policy or --new-policy, not both.');
  }
  const console = await connect(options);
  const target = await parseTarget(console, text);
  const policyId = options.newPolicy
    ? null
    : options.policy === undefined
      ? undefined
      : choosePolicy(await console.call('policies', {}), options.policy).id;
  const preview = await console.call('previewTarget', {
    body: { target, ...(policyId === undefined ? {} : { policyId }) },
  });
  if (options.json) {
    context.print(JSON.stringify(preview));
    return;
  }
  context.print(`${preview.agents} agents.`);
  const rows = preview.members.map(({ name, address, siteName, policyName }) => [
    name,
    address,
    siteName ?? 'Unassigned',
    policyName,
  ]);
  if (rows.length > 0)
    for (const line of formatTable([['Name', 'Address', 'Site', 'Policy'], ...rows])) context.print(line);
  if (preview.agents > rows.length) context.print(`… and ${preview.agents - rows.length} more.`);
  for (const { fromPolicyName, toPolicyName, agents } of preview.changes) {
    context.print(`${agents} agents would go from "${fromPolicyName}" to "${toPolicyName}".`);
  }
}

export function addTagCommand(program: Command, context: CommandContext): void {
  const tag = program.command('tag').description('Words that targets can ask for.');
  const list = tag
    .command('list')
    .description('List all tags, and how many agents have each.')
    .option('--json', 'print [{tag, agents}] as JSON');
  addConnectionOptions(list).action((options: TagOptions) => listTags(options, context));
  for (const [name, description] of [
    ['add', 'Give tags to all agents of a target.'],
    ['remove', 'Take tags from all agents of a target.'],
  ] as const) {
    const command = tag
      .command(name)
      .argument('<tag...>', 'words of small letters, digits, dots, dashes and underscores')
      .description(description)
      .requiredOption('--target <target>', targetHelp)
      .option('--json', 'print {agents, changed} as JSON');
    addConnectionOptions(command).action((tags: string[], options: TagOptions) =>
      changeTags(name, tags, options, context),
    );
  }
  addServerCommand(tag, 'set', {
    description: 'Give one agent these tags and no others.',
    json: 'the agent',
    examples: ['fanout tag set PC-17 lab floor-3', 'fanout tag set PC-17   # none any more'],
  })
    .argument('<agent>', 'name or id')
    .argument('[tag...]', 'all tags that it shall have')
    .action((agent: string, tags: string[], options: JsonOptions) => setTags(agent, tags, options, context));
}

async function setTags(nameOrId: string, tags: string[], options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId } = await chooseAgent(console, nameOrId);
  const agent = await console.call('setAgentTags', { params: { agentId }, body: { tags } });
  const words = agent.tags.length === 0 ? 'no tags' : `the tags ${agent.tags.join(', ')}`;
  context.print(options.json ? JSON.stringify(agent) : `${agent.name} has ${words}.`);
}

async function listTags(options: TagOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const tags = await console.call('tags', {});
  if (options.json) context.print(JSON.stringify(tags));
  else for (const line of formatColumns(tags.map(({ tag, agents }) => [tag, `${agents}`]))) context.print(line);
}

async function changeTags(
  change: 'add' | 'remove',
  tags: string[],
  options: TagOptions,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const target = await parseTarget(console, options.target);
  const [add, remove] = change === 'add' ? [tags, []] : [[], tags];
  const answer = await console.call('changeTags', { body: { target, add, remove } });
  context.print(
    options.json ? JSON.stringify(answer) : `${answer.changed} of the ${answer.agents} agents of the target changed.`,
  );
}
