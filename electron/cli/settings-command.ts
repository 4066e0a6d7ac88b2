import { type Command, InvalidArgumentError } from 'commander';
import { agentPackageSettingsSchema } from '../../shared/contracts/agent-package.ts';
import type { AgentPackage } from '../../shared/contracts/console-api.ts';
import type { PlugInPolicy } from '../../shared/contracts/plug-in-policy.ts';
import { plugInPolicySchema } from '../../shared/contracts/plug-in-policy.ts';
import type { CommandContext } from './command-context.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { addSiteSettingsCommands } from './site-settings-command.ts';

/** `fanout settings …`: the pages beside Targeted Agent Settings. */
export function addSettingsCommand(program: Command, context: CommandContext): void {
  const settings = program
    .command('settings')
    .description('What holds beside the policies: agent package, software update plug-in, sites.');
  addAgentPackage(settings, context);
  addPlugIn(settings, context);
  addSiteSettingsCommands(settings, context);
}

function addAgentPackage(settings: Command, context: CommandContext): void {
  const group = settings.command('agent-package').description('How long agents keep package files that nobody uses.');
  const json = '{deleteUnusedAfterHours, warning}';
  addServerCommand(group, 'show', { description: 'Show it.', json }).action(async (options: JsonOptions) =>
    tellAgentPackage(await (await connect(options)).call('agentPackage', {}), options, context),
  );
  addServerCommand(group, 'set', {
    description: 'Change it for all agents.',
    json,
    examples: ['fanout settings agent-package set 2w', 'fanout settings agent-package set 36h'],
  })
    .argument('<time>', 'hours, days or weeks, such as 36h, 10d or 2w; a day to a year', keepingOption)
    .action(async (deleteUnusedAfterHours: number, options: JsonOptions) => {
      const console = await connect(options);
      const saved = await console.call('updateAgentPackage', { body: { deleteUnusedAfterHours } });
      tellAgentPackage(saved, options, context);
    });
}

const hoursOfUnit: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

/** `36h`, `10d` or `2w` in hours. */
export function keepingOption(text: string): number {
  const match = /^(\d{1,6})([hdw])$/.exec(text);
  const hours = Number(match?.[1] ?? Number.NaN) * (hoursOfUnit[match?.[2] ?? ''] ?? Number.NaN);
  if (!agentPackageSettingsSchema.safeParse({ deleteUnusedAfterHours: hours }).success) {
    throw new InvalidArgumentError('Give a time from 1d to 365d, such as 36h, 10d or 2w.');
  }
  return hours;
}

/** In the largest unit that it is a whole number of. */
export function keepingText(hours: number): string {
  const [unit, hoursEach] =
    hours % 168 === 0 ? (['week', 168] as const) : hours % 24 === 0 ? (['day', 24] as const) : (['hour', 1] as const);
  const count = hours / hoursEach;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function tellAgentPackage(saved: AgentPackage, { json }: JsonOptions, context: CommandContext): void {
  if (json) {
    context.print(JSON.stringify(saved));
    return;
  }
  context.print(
    `Package files are deleted from a computer when nobody used them for ${keepingText(saved.deleteUnusedAfterHours)}.`,
  );
  if (saved.warning !== null) context.note(saved.warning);
}

function addPlugIn(settings: Command, context: CommandContext): void {
  const group = settings
    .command('plug-in')
    .description('When computers install what they have, unless the delivery says otherwise.');
  const json = '{policy, warning}';
  addServerCommand(group, 'show', { description: 'Show it.', json }).action(async (options: JsonOptions) =>
    tellPlugIn(await (await connect(options)).call('plugInPolicy', {}), options, context),
  );
  addServerCommand(group, 'set', {
    description: 'Change it for all agents.',
    json,
    examples: ['fanout settings plug-in set 17:00', 'fanout settings plug-in set asap'],
  })
    .argument('<when>', 'a time of day by the clock of each computer, such as 17:00, or "asap"', plugInOption)
    .action(async (body: PlugInPolicy, options: JsonOptions) =>
      tellPlugIn(await (await connect(options)).call('updatePlugInPolicy', { body }), options, context),
    );
}

export function plugInOption(text: string): PlugInPolicy {
  const policy = text === 'asap' ? { install: 'as-soon-as-possible' } : { install: 'at-time', timeOfDay: text };
  const parsed = plugInPolicySchema.safeParse(policy);
  if (!parsed.success) throw new InvalidArgumentError('Give a time of day such as 17:00, or "asap".');
  return parsed.data;
}

function tellPlugIn(
  shown: { readonly policy: PlugInPolicy; readonly warning: string | null },
  { json }: JsonOptions,
  context: CommandContext,
): void {
  if (json) {
    context.print(JSON.stringify(shown));
    return;
  }
  const { policy, warning } = shown;
  const when = policy.install === 'at-time' ? `at ${policy.timeOfDay} by their own clock` : 'as soon as possible';
  context.print(`Computers install ${when}, unless the delivery says otherwise.`);
  if (warning !== null) context.note(warning);
}
