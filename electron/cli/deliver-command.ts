import { Argument, type Command } from 'commander';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { pause } from '../fleet/demo-setup.ts';
import type { CommandContext } from './command-context.ts';
import type { DeliveryFields } from './delivery-fields.ts';
import { addDeliveryFields, installationOf, laterStagesOf } from './delivery-fields.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePackage } from './package-choice.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { parseTarget } from './target-text.ts';

interface DeliverOptions extends ConnectionOptions, DeliveryFields {
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
    .description('Deliver a package version to a target: to all agents, unless --target says otherwise.');
  addDeliveryFields(command)
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
  const target = await parseTarget(console, options.target ?? 'all');
  const { guid, version: chosenVersion } = chosen;
  const made = await console.call('createDelivery', {
    body: {
      ...{ guid, version: chosenVersion, target, priority: options.priority ?? 'normal' },
      laterStages: await laterStagesOf(console, options.stage ?? []),
      availableFromMs: options.availableFrom ?? null,
      deadlineMs: options.deadline ?? null,
      downloadWindows: [...(options.downloadWindow ?? [])],
      ignoresTotalBlockouts: options.ignoreTotalBlockouts === true,
      ignoresSiteLimits: options.ignoreSiteLimits === true,
      installation: installationOf(options, null),
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
      const { ready, agents, downloading, failed } = delivery;
      throw new CommandFailure(
        exitCodes.timeout,
        `After ${options.timeout} s ${ready} of ${agents} agents are ready, ${downloading} downloading, ${failed} failed. The delivery goes on.`,
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
