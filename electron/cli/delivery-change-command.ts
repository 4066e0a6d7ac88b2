import type { Command } from 'commander';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import type { DeliveryFields } from './delivery-fields.ts';
import { addDeliveryFields, installationOf, laterStagesOf } from './delivery-fields.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { JsonOptions } from './server-command.ts';
import { addExamples } from './server-command.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { parseTarget } from './target-text.ts';

/** `--no-…` takes something away; commander has false then, and true where nothing of it is said. */
interface ChangeOptions extends JsonOptions, Omit<DeliveryFields, 'availableFrom' | 'deadline' | 'install'> {
  readonly availableFrom?: number | false;
  readonly deadline?: number | false;
  readonly install?: Exclude<DeliveryFields['install'], undefined> | false;
  readonly stages: boolean;
  readonly downloadWindows: boolean;
}

export interface DeliveryChangeParts {
  readonly choose: (console: ConsoleClient, id: string) => Promise<Delivery>;
  readonly summaryOf: (delivery: Delivery) => string;
}

/** `fanout delivery change`: before it begins. */
export function addDeliveryChangeCommand(delivery: Command, parts: DeliveryChangeParts, context: CommandContext): void {
  const command = delivery
    .command('change')
    .argument('<id>', 'id of the delivery, or its beginning')
    .description('Change a delivery that has not begun; what is not named stays as it is.');
  addDeliveryFields(command)
    .option('--no-stages', 'only one stage; --stage takes the place of all further stages that there were')
    .option('--no-download-windows', 'downloads at any time; --download-window takes the place of all that there were')
    .option('--no-available-from', 'available at once')
    .option('--no-deadline', 'no deadline')
    .option('--no-install', 'only bring it, install nothing')
    .option('--no-ignore-total-blockouts', 'blockouts of all communication hold')
    .option('--no-ignore-site-limits', 'limits of sites hold')
    .option('--json', 'print the delivery as JSON');
  addExamples(addConnectionOptions(command), [
    'fanout delivery change 3f2a --deadline 2027-02-01T18:00+01:00',
    'fanout delivery change 3f2a --target site:Pilot --stage all=by-hand',
  ]).action((id: string, options: ChangeOptions) => change(id, options, parts, context));
}

async function change(
  id: string,
  options: ChangeOptions,
  { choose, summaryOf }: DeliveryChangeParts,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const before = await choose(console, id);
  const body = await changedDraft(console, before, options);
  const delivery = await console.call('updateDelivery', { params: { id: before.id }, body });
  context.print(options.json ? JSON.stringify(delivery) : summaryOf(delivery));
}

async function changedDraft(console: ConsoleClient, before: Delivery, options: ChangeOptions) {
  const { target, priority, stage, stages, availableFrom, deadline, downloadWindow, downloadWindows } = options;
  const { install, command, argument, duration, tries, ignoreTotalBlockouts, ignoreSiteLimits } = options;
  const said: readonly unknown[] = [
    ...[target, priority, stage, availableFrom, deadline, downloadWindow, ignoreTotalBlockouts, ignoreSiteLimits],
    ...[install, command, argument, duration, tries],
  ];
  if (said.every((value) => value === undefined) && stages && downloadWindows) {
    throw new CommandFailure(exitCodes.usage, 'Say what to change; see --help.');
  }
  const { guid, version } = before;
  return {
    ...{ guid, version, priority: priority ?? before.priority },
    target: target === undefined ? before.target : await parseTarget(console, target),
    laterStages: stage === undefined && stages ? before.laterStages : await laterStagesOf(console, stage ?? []),
    availableFromMs: availableFrom === false ? null : (availableFrom ?? before.availableFromMs),
    deadlineMs: deadline === false ? null : (deadline ?? before.deadlineMs),
    downloadWindows: downloadWindow === undefined && downloadWindows ? before.downloadWindows : (downloadWindow ?? []),
    ignoresTotalBlockouts: ignoreTotalBlockouts ?? before.ignoresTotalBlockouts,
    ignoresSiteLimits: ignoreSiteLimits ?? before.ignoresSiteLimits,
    installation:
      install === false ? null : installationOf({ install, command, argument, duration, tries }, before.installation),
  };
}
