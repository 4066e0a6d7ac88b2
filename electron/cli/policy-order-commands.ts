import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { orderedIds } from './name-choice.ts';
import { choosePolicy } from './policy-choice.ts';
import { policyLines } from './policy-text.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';

/** `fanout policy delete` and `fanout policy order`. */
export function addPolicyOrderCommands(policy: Command, context: CommandContext): void {
  addServerCommand(policy, 'delete', {
    description: 'Delete a policy; its agents get the next one that targets them. Global stays.',
    json: 'the deleted policy',
    examples: ['fanout policy delete Labs'],
  })
    .argument('<policy>', 'name or id')
    .action((name: string, options: JsonOptions) => deletePolicy(name, options, context));
  addServerCommand(policy, 'order', {
    description: 'Put policies first, in this order; the others follow as they were, and Global is always last.',
    json: 'all policies in their new order',
    examples: ['fanout policy order Kiosks Labs   # Kiosks is first, Labs is second'],
  })
    .argument('<policy...>', 'names or ids')
    .action((names: string[], options: JsonOptions) => orderPolicies(names, options, context));
}

async function deletePolicy(name: string, options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const policy = choosePolicy(await console.call('policies', {}), name);
  await console.call('deletePolicy', { params: { id: policy.id } });
  context.print(
    options.json
      ? JSON.stringify(policy)
      : `${policy.name} is deleted; ${policy.appliesToAgents} agents have another policy now.`,
  );
}

async function orderPolicies(names: string[], options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const policies = await console.call('policies', {});
  const first = names.map((name) => choosePolicy(policies, name));
  if (first.some(({ isGlobal }) => isGlobal)) {
    throw new CommandFailure(exitCodes.usage, 'Global is always last: leave it out.');
  }
  const movable = policies.filter(({ isGlobal }) => !isGlobal);
  const body = { ids: orderedIds(movable, first), seen: movable.map(({ id }) => id) };
  const ordered = await console.call('orderPolicies', { body });
  if (options.json) context.print(JSON.stringify(ordered));
  else for (const line of policyLines(ordered)) context.print(line);
}
