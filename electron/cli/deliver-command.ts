import { Argument, type Command, Option } from 'commander';
import { isPackageGuid } from '../../shared/base/ids.ts';
import type { PackageSummary } from '../../shared/contracts/console-api.ts';
import type { InstallSchedule, StageStart } from '../../shared/contracts/deliveries.ts';
import { maxTries } from '../../shared/contracts/deliveries.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import { deliveryPriorities } from '../../shared/contracts/package-state.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { pause } from '../fleet/demo-setup.ts';
import type { CommandContext } from './command-context.ts';
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
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { parseTarget, targetHelp } from './target-text.ts';

interface DeliverOptions extends ConnectionOptions {
  readonly target: string;
  readonly priority: Delivery['priority'];
  readonly stage: readonly StageText[];
  readonly availableFrom?: number;
  readonly deadline?: number;
  readonly downloadWindow: Delivery['downloadWindows'];
  readonly install?: InstallSchedule;
  readonly command?: string;
  readonly argument: readonly string[];
  readonly duration?: number;
  readonly tries?: number;
  readonly ignoreTotalBlockouts?: true;
  readonly ignoreSiteLimits?: true;
  readonly wait?: true;
  readonly timeout: number;
  readonly json?: true;
}

const pollMs = 250;

export function addDeliverCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('deliver')
    .addArgument(new Argument('<package>', 'GUID or name of the package'))
    .addArgument(new Argument('[version]', 'version; the newest by default'))
    .description('Deliver a package version to a target.')
    .option('--target <target>', targetHelp, 'all')
    .addOption(new Option('--priority <priority>').choices(deliveryPriorities).default('normal'))
    .option('--stage <stage>', stageHelp, stageOption, [])
    .option('--available-from <moment>', 'nothing begins before, e.g. 2027-01-31T02:30+01:00', momentOption)
    .option('--deadline <moment>', 'from here on windows and postponements hold nothing up', momentOption)
    .option('--download-window <window>', `download ${windowHelp}`, windowOption, [])
    .option('--install <when>', installHelp, installOption)
    .option('--command <file>', 'a file of the package that installs it; agents need --allow-execute')
    .option('--argument <text>', 'an argument of the command (repeatable)', listOption, [])
    .option('--duration <seconds>', 'how long the installation takes', integerOption(0, 86_400))
    .option('--tries <count>', 'how often a command that fails is tried', integerOption(1, maxTries))
    .option('--ignore-total-blockouts', 'an emergency gets through blockouts of all communication')
    .option('--ignore-site-limits', 'the bytes of an emergency do not count against the limits of sites')
    .option('--wait', 'wait until every agent of the target is ready')
    .option('--timeout <seconds>', 'with --wait: give up after so long', integerOption(1, 604_800), 3600)
    .option('--json', 'print the delivery as JSON');
  addConnectionOptions(command).action((name: string, version: string | undefined, options: DeliverOptions) =>
    deliver(name, version, options, context),
  );
}

async function deliver(
  nameOrGuid: string,
  version: string | undefined,
  options: DeliverOptions,
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const chosen = choosePackage(await console.call('packages', {}), nameOrGuid, version);
  const target = await parseTarget(console, options.target);
  const { guid, version: chosenVersion } = chosen;
  const laterStages: { target: Target; start: StageStart }[] = [];
  for (const stage of options.stage) {
    laterStages.push({ target: await parseTarget(console, stage.target), start: stage.start });
  }
  const made = await console.call('createDelivery', {
    body: {
      ...{ guid, version: chosenVersion, target, priority: options.priority, laterStages },
      availableFromMs: options.availableFrom ?? null,
      deadlineMs: options.deadline ?? null,
      downloadWindows: [...options.downloadWindow],
      ignoresTotalBlockouts: options.ignoreTotalBlockouts === true,
      ignoresSiteLimits: options.ignoreSiteLimits === true,
      installation: installationOf(options),
    },
  });
  if (made.agents === 0) context.note('No agent belongs to the target yet; the delivery waits for them.');
  if (!options.wait) {
    printDelivery(made, options, context);
    return;
  }
  const end = await waitForDelivery(console, made, options, context);
  context.progress.clear();
  printDelivery(end, options, context);
  if (end.failed > 0) {
    throw new CommandFailure(
      exitCodes.failed,
      `${end.failed} of ${end.agents} agents failed; see their pages in the console.`,
    );
  }
}

/** Null where nothing on the command line is about installing. */
function installationOf({ install, command, argument, duration, tries }: DeliverOptions) {
  if (command === undefined && argument.length + (tries ?? 0) > 0) {
    throw new CommandFailure(exitCodes.usage, '--argument and --tries are about a command: name one with --command.');
  }
  if (install === undefined && command === undefined && duration === undefined) return null;
  return {
    ...(install === undefined ? {} : { schedule: install }),
    command: command === undefined ? null : { file: command, arguments: [...argument] },
    ...(duration === undefined ? {} : { durationSeconds: duration }),
    ...(tries === undefined ? {} : { tries }),
  };
}

/** Newest first where no version is given; names need not be unique, GUIDs are. Withdrawn versions do not count. */
export function choosePackage(
  packages: readonly PackageSummary[],
  nameOrGuid: string,
  version: string | undefined,
): PackageSummary {
  const known = packages.filter((candidate) =>
    isPackageGuid(nameOrGuid) ? candidate.guid === nameOrGuid : candidate.name === nameOrGuid,
  );
  const guids = new Set(known.map((candidate) => candidate.guid));
  if (guids.size > 1) {
    throw new CommandFailure(
      exitCodes.usage,
      `${guids.size} packages are called "${nameOrGuid}"; give a GUID: ${[...guids].join(', ')}.`,
    );
  }
  const [chosen] = known
    .filter((candidate) => !candidate.withdrawn && (version === undefined || candidate.version === version))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  if (chosen !== undefined) return chosen;
  const versions = known.map((candidate) => `${candidate.version}${candidate.withdrawn ? ' (withdrawn)' : ''}`);
  throw new CommandFailure(
    exitCodes.notFound,
    known.length === 0
      ? `The server has no package "${nameOrGuid}".`
      : `"${nameOrGuid}" cannot be delivered in that version; there is ${versions.join(', ')}.`,
  );
}

async function waitForDelivery(
  console: ConsoleClient,
  made: Delivery,
  options: DeliverOptions,
  context: CommandContext,
): Promise<Delivery> {
  const deadlineMs = performance.now() + options.timeout * 1000;
  let delivery = made;
  while (delivery.agents === 0 || delivery.ready + delivery.failed < delivery.agents) {
    if (performance.now() > deadlineMs) {
      throw new CommandFailure(
        exitCodes.timeout,
        `After ${options.timeout} s ${delivery.ready} of ${delivery.agents} agents are ready. The delivery goes on.`,
      );
    }
    context.progress.show(
      delivery.agents === 0 ? 0 : delivery.ready / delivery.agents,
      `${delivery.ready} of ${delivery.agents} agents ready, ${delivery.downloading} downloading`,
    );
    await pause(pollMs, context.interrupt);
    const found = (await console.call('deliveries', {})).find((candidate) => candidate.id === made.id);
    if (found === undefined) throw new CommandFailure(exitCodes.failed, 'The server no longer knows the delivery.');
    delivery = found;
  }
  return delivery;
}

function printDelivery(delivery: Delivery, options: DeliverOptions, context: CommandContext): void {
  context.print(
    options.json
      ? JSON.stringify(delivery)
      : `${delivery.packageName} ${delivery.version}: ${delivery.ready} of ${delivery.agents} agents ready${delivery.failed > 0 ? `, ${delivery.failed} failed` : ''}.`,
  );
}
