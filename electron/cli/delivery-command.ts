import type { Command } from 'commander';
import type { Delivery, StageProgress } from '../../shared/contracts/deliveries-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { addDeliveryChangeCommand } from './delivery-change-command.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatTable, formatTime } from './text-format.ts';

interface DeliveryOptions extends ConnectionOptions {
  readonly json?: true;
}

const actions = {
  pause: {
    route: 'pauseDelivery',
    description: 'Hold downloads, installations and later stages; what runs is finished.',
  },
  resume: { route: 'resumeDelivery', description: 'Go on with a delivery that was paused.' },
  'next-stage': { route: 'startNextStage', description: 'Begin the next stage now.' },
  cancel: { route: 'cancelDelivery', description: 'End a delivery for all agents that have not done their part.' },
  retry: { route: 'retryDelivery', description: 'Let all agents that failed try again.' },
} as const;

export function addDeliveryCommand(program: Command, context: CommandContext): void {
  const command = program.command('delivery').description('See what deliveries have come to, and steer them.');
  const list = command
    .command('list')
    .description('All deliveries, newest first.')
    .option('--json', 'print them as JSON');
  addConnectionOptions(list).action((options: DeliveryOptions) => listDeliveries(options, context));
  const show = command
    .command('show')
    .argument('<id>', 'id of the delivery, or its beginning')
    .description('One delivery: its stages, and what failed where.')
    .option('--json', 'print the delivery, its curve and its failed agents as JSON');
  addConnectionOptions(show).action((id: string, options: DeliveryOptions) => showDelivery(id, options, context));
  addDeliveryChangeCommand(command, { choose, summaryOf }, context);
  for (const [name, { route, description }] of Object.entries(actions)) {
    const action = command
      .command(name)
      .argument('<id>', 'id of the delivery, or its beginning')
      .description(description)
      .option('--json', 'print the delivery as JSON');
    addConnectionOptions(action).action(async (id: string, options: DeliveryOptions) => {
      const console = await connect(options);
      const delivery = await console.call(route, { params: { id: (await choose(console, id)).id } });
      context.print(options.json ? JSON.stringify(delivery) : summaryOf(delivery));
    });
  }
}

async function listDeliveries(options: DeliveryOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const deliveries = await console.call('deliveries', {});
  if (options.json) {
    context.print(JSON.stringify(deliveries));
    return;
  }
  const rows = deliveries.map((delivery) => [
    delivery.id.slice(0, 8),
    formatTime(delivery.createdAtMs),
    `${delivery.packageName} ${delivery.version}`,
    delivery.status,
    `${delivery.stages.filter(({ startedAtMs }) => startedAtMs !== null).length}/${delivery.stages.length}`,
    `${doneOf(delivery)}/${agentsOf(delivery)}`,
    String(sumOf(delivery, 'failed')),
  ]);
  const head = ['Id', 'Made', 'Package', 'Status', 'Stages', 'Done', 'Failed'];
  for (const line of formatTable([head, ...rows])) context.print(line);
}

async function showDelivery(id: string, options: DeliveryOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { id: whole } = await choose(console, id);
  const delivery = await console.call('delivery', { params: { id: whole } });
  const failed = await console.call('deliveryAgents', { params: { id: whole }, query: { state: 'failed' } });
  if (options.json) {
    const penetration = await console.call('deliveryPenetration', { params: { id: whole } });
    context.print(JSON.stringify({ ...delivery, penetration, failedAgents: failed }));
    return;
  }
  context.print(summaryOf(delivery));
  for (const [index, stage] of delivery.stages.entries()) context.print(stageLine(stage, index));
  const rows = failed.map(({ name, failure, exitCode, detail }) => [
    name,
    `${failure ?? ''}${exitCode === null ? '' : ` ${exitCode}`}`,
    detail.replaceAll('\n', ' '),
  ]);
  if (rows.length > 0) for (const line of formatTable([['Agent', 'Failed by', 'Detail'], ...rows])) context.print(line);
}

function stageLine(stage: StageProgress, index: number): string {
  const states = Object.entries(stage.states).filter(([, count]) => count > 0);
  const counts = states.map(([state, count]) => `${count} ${state}`).join(', ') || 'no agents';
  const begun =
    stage.startedAtMs !== null
      ? `since ${formatTime(stage.startedAtMs)}${stage.isByHand ? ' (by hand)' : ''}`
      : stage.dueAtMs !== null
        ? `begins ${formatTime(stage.dueAtMs)}`
        : 'has not begun';
  return `Stage ${index + 1}, ${begun}: ${counts}`;
}

function summaryOf(delivery: Delivery): string {
  const { id, packageName, version, status } = delivery;
  return `${packageName} ${version} (${id}): ${status}, ${doneOf(delivery)} of ${agentsOf(delivery)} agents done, ${sumOf(delivery, 'failed')} failed.`;
}

function doneOf(delivery: Delivery): number {
  const installed = sumOf(delivery, 'installed') + sumOf(delivery, 'reboot-pending');
  return delivery.installation === null ? installed + sumOf(delivery, 'ready') : installed;
}

function agentsOf({ stages }: Delivery): number {
  return stages.reduce((sum, { agents }) => sum + agents, 0);
}

function sumOf({ stages }: Delivery, state: keyof StageProgress['states']): number {
  return stages.reduce((sum, { states }) => sum + states[state], 0);
}

async function choose(console: ConsoleClient, id: string): Promise<Delivery> {
  const found = (await console.call('deliveries', {})).filter((delivery) => delivery.id.startsWith(id));
  const [chosen] = found;
  if (chosen === undefined) throw new CommandFailure(exitCodes.notFound, `There is no delivery "${id}".`);
  if (found.length > 1) {
    throw new CommandFailure(exitCodes.usage, `${found.length} deliveries begin with "${id}"; give more of the id.`);
  }
  return chosen;
}
