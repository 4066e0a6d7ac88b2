import { type Command, Option } from 'commander';
import type { InstallSchedule, StageStart } from '../../shared/contracts/deliveries.ts';
import { maxTries } from '../../shared/contracts/deliveries.ts';
import type { Delivery, DeliverySpec } from '../../shared/contracts/deliveries-api.ts';
import { deliveryPriorities } from '../../shared/contracts/package-state.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { StageText } from './delivery-text.ts';
import {
  installHelp,
  installOption,
  listOption,
  momentOption,
  stageHelp,
  stageOption,
  windowHelp,
  windowOption,
} from './delivery-text.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { parseTarget, targetHelp } from './target-text.ts';

interface InstallationFields {
  readonly install?: InstallSchedule | undefined;
  readonly command?: string | undefined;
  readonly argument?: readonly string[] | undefined;
  readonly duration?: number | undefined;
  readonly tries?: number | undefined;
}

/** What a delivery says beyond its package, as options; what is missing was not said. */
export interface DeliveryFields extends InstallationFields {
  readonly target?: string;
  readonly priority?: Delivery['priority'];
  readonly stage?: readonly StageText[];
  readonly availableFrom?: number;
  readonly deadline?: number;
  readonly downloadWindow?: Delivery['downloadWindows'];
  readonly ignoreTotalBlockouts?: boolean;
  readonly ignoreSiteLimits?: boolean;
}

type Installation = DeliverySpec['installation'];

export function addDeliveryFields(command: Command): Command {
  return command
    .option('--target <target>', targetHelp)
    .addOption(new Option('--priority <priority>', 'normal unless it is said').choices(deliveryPriorities))
    .option('--stage <stage>', stageHelp, stageOption)
    .option('--available-from <moment>', 'nothing begins before, e.g. 2027-01-31T02:30+01:00', momentOption)
    .option('--deadline <moment>', 'from here on windows and postponements hold nothing up', momentOption)
    .option('--download-window <window>', `download ${windowHelp}`, windowOption)
    .option('--install <when>', installHelp, installOption)
    .option('--command <file>', 'a file of the package that installs it; agents need --allow-execute')
    .option('--argument <text>', 'an argument of the command (repeatable)', listOption)
    .option('--duration <seconds>', 'how long the installation takes', integerOption(0, 86_400))
    .option('--tries <count>', 'how often a command that fails is tried', integerOption(1, maxTries))
    .option('--ignore-total-blockouts', 'an emergency gets through blockouts of all communication')
    .option('--ignore-site-limits', 'the bytes of an emergency do not count against the limits of sites');
}

export async function laterStagesOf(
  console: ConsoleClient,
  stages: readonly StageText[],
): Promise<{ target: Target; start: StageStart }[]> {
  const found: { target: Target; start: StageStart }[] = [];
  for (const { target, start } of stages) found.push({ target: await parseTarget(console, target), start });
  return found;
}

/** What the options say, over the installation that there was; null where neither says anything of one. */
export function installationOf(fields: InstallationFields, before: Installation): Installation {
  const { install, command, argument, duration, tries } = fields;
  const file = command ?? before?.command?.file;
  if (file === undefined && (argument !== undefined || tries !== undefined)) {
    throw new CommandFailure(exitCodes.usage, '--argument and --tries are about a command: name one with --command.');
  }
  const isSaid = [install, command, argument, duration, tries].some((value) => value !== undefined);
  if (before === null && !isSaid) return null;
  // Another command has other arguments.
  const kept = command === undefined ? (before?.command?.arguments ?? []) : [];
  return {
    schedule: install ?? before?.schedule ?? { kind: 'by-policy' },
    command: file === undefined ? null : { file, arguments: [...(argument ?? kept)] },
    durationSeconds: duration ?? before?.durationSeconds ?? 0,
    tries: tries ?? before?.tries ?? maxTries,
  };
}
