import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Policy } from '../../shared/contracts/console-api.ts';
import type { PolicyFile } from '../../shared/contracts/policy-file.ts';
import { settingWarnings } from '../../shared/contracts/setting-warnings.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { choosePolicy } from './policy-choice.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { changedSettings } from './setting-values.ts';
import { formatTable } from './text-format.ts';

interface PolicyOptions extends ConnectionOptions {
  readonly json?: true;
  readonly out?: string;
  readonly dryRun?: true;
}

export function addPolicyCommand(program: Command, context: CommandContext): void {
  const policy = program.command('policy').description('Targeted Agent Settings.');
  const add = (name: string, description: string, json: string): Command =>
    addConnectionOptions(policy.command(name).description(description).option('--json', json));
  add('list', 'List the policies, first priority first.', 'print the policies as JSON').action(
    (options: PolicyOptions) => listPolicies(options, context),
  );
  add('show', 'Show the target, the settings and the warnings of a policy.', 'print the policy as JSON')
    .argument('<policy>', 'name or id')
    .action((name: string, options: PolicyOptions) => showPolicy(name, options, context));
  add('export', 'Write policies as a file for another server.', 'print the file on one line')
    .argument('[policy...]', 'names or ids; all by default')
    .option('--out <file>', 'write there instead of to standard output')
    .action((names: string[], options: PolicyOptions) => exportPolicies(names, options, context));
  add(
    'import',
    'Add the policies of a file and replace those of the same names: all of them or none.',
    'print {dryRun, created, updated, unchanged} as JSON',
  )
    .argument('<file>', 'as "fanout policy export" wrote it')
    .option('--dry-run', 'only say what would happen')
    .action((file: string, options: PolicyOptions) => importPolicies(file, options, context));
  add('set', 'Change settings of a policy.', 'print the saved policy as JSON')
    .argument('<policy>', 'name or id')
    .argument('<change...>', 'KEY=VALUE; lists and objects as JSON, e.g. additionalSubnets=\'["10.1.0.0/16"]\'')
    .action((name: string, changes: string[], options: PolicyOptions) => setPolicy(name, changes, options, context));
}

async function listPolicies(options: PolicyOptions, context: CommandContext): Promise<void> {
  const policies = await (await connect(options)).call('policies', {});
  if (options.json) {
    context.print(JSON.stringify(policies));
    return;
  }
  const rows = policies.map(({ priority, name, target, appliesToAgents, version }) => [
    `${priority}`,
    name,
    target.kind,
    `${appliesToAgents}`,
    `${version}`,
  ]);
  for (const line of formatTable([['Priority', 'Name', 'Target', 'Agents', 'Version'], ...rows])) context.print(line);
}

async function showPolicy(name: string, options: PolicyOptions, context: CommandContext): Promise<void> {
  printPolicy(choosePolicy(await (await connect(options)).call('policies', {}), name), options, context);
}

function printPolicy(policy: Policy, options: PolicyOptions, context: CommandContext): void {
  if (options.json) {
    context.print(JSON.stringify(policy));
    return;
  }
  context.print(`${policy.name} (${policy.id}), version ${policy.version}, ${policy.appliesToAgents} agents`);
  context.print(`target = ${JSON.stringify(policy.target)}`);
  for (const [key, value] of Object.entries(policy.settings)) context.print(`${key} = ${JSON.stringify(value)}`);
  for (const { key, message } of [...settingWarnings(policy.settings), ...policy.warnings]) {
    context.note(`${key}: ${message}`);
  }
}

async function exportPolicies(names: string[], options: PolicyOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const policies = names.length === 0 ? [] : await console.call('policies', {});
  const ids = names.map((name) => choosePolicy(policies, name).id);
  const file = await console.call('exportPolicies', { query: ids.length === 0 ? {} : { ids: ids.join(',') } });
  const text = options.json ? JSON.stringify(file) : JSON.stringify(file, null, 2);
  if (options.out === undefined) {
    context.print(text);
    return;
  }
  await writeFile(options.out, `${text}\n`);
  context.note(`${file.policies.length} policies are in ${options.out}.`);
}

async function importPolicies(path: string, options: PolicyOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  // The server checks it, and names what is wrong by its path.
  const file = (await readJson(path)) as PolicyFile;
  const answer = await console.call('importPolicies', { body: { file, dryRun: options.dryRun === true } });
  if (options.json) {
    context.print(JSON.stringify(answer));
    return;
  }
  for (const name of answer.created) context.print(`${name}: new`);
  for (const { name, changed } of answer.updated) context.print(`${name}: ${changed.join(', ')}`);
  for (const name of answer.unchanged) context.print(`${name}: unchanged`);
  if (answer.dryRun) context.note('Nothing was changed; without --dry-run it would be.');
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(exitCodes.notFound, `The file ${path} cannot be read (${error.code ?? error.message}).`);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandFailure(exitCodes.failed, `${path} is not JSON: ${(error as Error).message}`);
  }
}

async function setPolicy(
  name: string,
  changes: string[],
  options: PolicyOptions,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const policy = choosePolicy(await console.call('policies', {}), name);
  const settings: AgentSettings = { ...policy.settings, ...changedSettings(changes) };
  const { id, target, version } = policy;
  const saved = await console.call('updatePolicy', {
    params: { id },
    body: { name: policy.name, target, settings, version },
  });
  if (options.json) printPolicy(saved, options, context);
  else context.print(`${saved.name} is saved as version ${saved.version}, for ${saved.appliesToAgents} agents.`);
}
