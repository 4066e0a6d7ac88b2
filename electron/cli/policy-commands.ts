import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Policy } from '../../shared/contracts/console-api.ts';
import type { PolicyFile } from '../../shared/contracts/policy-file.ts';
import { settingWarnings } from '../../shared/contracts/setting-warnings.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePolicy } from './policy-choice.ts';
import { addPolicyOrderCommands } from './policy-order-commands.ts';
import { policyLines } from './policy-text.ts';
import { addServerCommand } from './server-command.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { changedSettings } from './setting-values.ts';
import { parseTarget, targetHelp } from './target-text.ts';

interface PolicyOptions extends ConnectionOptions {
  readonly json?: true;
  readonly out?: string;
  readonly dryRun?: true;
  readonly target?: string;
  readonly name?: string;
  readonly ifVersion?: number;
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
  const changeHelp = 'KEY=VALUE; lists and objects as JSON, e.g. additionalSubnets=\'["10.1.0.0/16"]\'';
  addServerCommand(policy, 'create', {
    description: 'Add a policy, the last before Global; what is not said has its default.',
    json: 'the policy',
    examples: ['fanout policy create Labs --target tag:lab peerDownloading=on maxUpload=5000'],
  })
    .argument('<name>')
    .argument('[change...]', changeHelp)
    .requiredOption('--target <target>', targetHelp)
    .action((name: string, changes: string[], options: PolicyOptions) => createPolicy(name, changes, options, context));
  addServerCommand(policy, 'set', {
    description: 'Change settings of a policy, its target or its name; what is not named stays as it is.',
    json: 'the saved policy',
    examples: [
      'fanout policy set Global maxUpload=500 serveOnBattery=on',
      'fanout policy set Labs --target "tag:lab except name:KIOSK-*"',
      'fanout policy set Labs maxUpload=0 --if-version 3   # only if nobody else saved it since',
    ],
  })
    .argument('<policy>', 'name or id')
    .argument('[change...]', changeHelp)
    .option('--target <target>', targetHelp)
    .option('--name <name>', 'its new name')
    .option('--if-version <version>', 'only where this is its version now', integerOption(1, 999_999_999))
    .action((name: string, changes: string[], options: PolicyOptions) => setPolicy(name, changes, options, context));
  addPolicyOrderCommands(policy, context);
}

async function listPolicies(options: PolicyOptions, context: CommandContext): Promise<void> {
  const policies = await (await connect(options)).call('policies', {});
  if (options.json) {
    context.print(JSON.stringify(policies));
    return;
  }
  for (const line of policyLines(policies)) context.print(line);
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

async function createPolicy(
  name: string,
  changes: string[],
  options: PolicyOptions,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const settings: AgentSettings = { ...defaultAgentSettings, ...changedSettings(changes) };
  const target = await parseTarget(console, options.target ?? '');
  const saved = await console.call('createPolicy', { body: { name, target, settings } });
  if (options.json) printPolicy(saved, options, context);
  else context.print(`${saved.name} (${saved.id}) holds for ${saved.appliesToAgents} agents.`);
}

async function setPolicy(
  nameOrId: string,
  changes: string[],
  options: PolicyOptions,
  context: CommandContext,
): Promise<void> {
  if (changes.length === 0 && options.target === undefined && options.name === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Say what to change: KEY=VALUE, --target or --name.');
  }
  const console = await connect(options);
  const policy = choosePolicy(await console.call('policies', {}), nameOrId);
  if (policy.isGlobal && options.target !== undefined) {
    throw new CommandFailure(exitCodes.usage, 'Global is for all agents that no other policy targets, always.');
  }
  const settings: AgentSettings = { ...policy.settings, ...changedSettings(changes) };
  const target = options.target === undefined ? policy.target : await parseTarget(console, options.target);
  const name = options.name ?? policy.name;
  const version = options.ifVersion ?? policy.version;
  const saved = await console.call('updatePolicy', {
    params: { id: policy.id },
    body: { name, target, settings, version },
  });
  if (options.json) printPolicy(saved, options, context);
  else context.print(`${saved.name} is saved as version ${saved.version}, for ${saved.appliesToAgents} agents.`);
}
