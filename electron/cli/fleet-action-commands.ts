import type { Command } from 'commander';
import type { FleetAction } from '../../shared/contracts/fleet-api.ts';
import type { CommandContext } from './command-context.ts';
import { integerOption } from './option-values.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';

type PlainKind = Exclude<FleetAction['kind'], 'slow-down' | 'move'>;

const plainCommands: Readonly<Record<PlainKind, string>> = {
  start: 'Start an embedded agent of a running server that was stopped or has failed.',
  stop: 'Stop one embedded agent; it stays stopped until it is started, and the others of its process go on.',
  kill: 'Kill the process of an embedded agent as a crash would; says who else was in it, and all of them come back by themselves.',
  'full-speed': 'Take back what slow-down did.',
  corrupt: 'Have an embedded agent hand out damaged blocks, to see the others reject them, tell the server and ban it.',
  'stop-corrupting': 'Have it hand out sound blocks again.',
  unplug: 'Pull the network cable of an embedded agent: nothing leaves it or reaches it.',
  'plug-in': 'Plug its network cable in again.',
};
const agentArgument = ['<agent>', 'name of the embedded agent, as "fanout fleet" lists it'] as const;

/** `fanout fleet stop …`: what a person does to one embedded agent of a running server. */
export function addFleetActionCommands(fleet: Command, context: CommandContext): void {
  const json = 'what was done, with the fleet,';
  for (const [kind, description] of Object.entries(plainCommands) as [PlainKind, string][]) {
    addServerCommand(fleet, kind, { description, json, examples: [`fanout fleet ${kind} a-01`] })
      .argument(...agentArgument)
      .action((name: string, options: JsonOptions) => act(name, { kind }, options, context));
  }
  addServerCommand(fleet, 'slow-down', {
    description:
      'Let packages travel to and from an embedded agent so fast at most, in each direction, whatever its policy allows.',
    json,
    examples: ['fanout fleet slow-down a-01 50'],
  })
    .argument(...agentArgument)
    .argument('<rate>', 'KB/s', integerOption(1, 10_000_000))
    .action((name: string, kilobytesPerSecond: number, options: JsonOptions) =>
      act(name, { kind: 'slow-down', kilobytesPerSecond }, options, context),
    );
  addServerCommand(fleet, 'move', {
    description: 'Give an embedded agent an address in another subnet of its fleet; identity and packages stay.',
    json,
    examples: ['fanout fleet move a-01 127.77.2.0/24'],
  })
    .argument(...agentArgument)
    .argument('<subnet>', 'one of the subnets that "fanout fleet" lists')
    .action((name: string, subnet: string, options: JsonOptions) =>
      act(name, { kind: 'move', subnet }, options, context),
    );
  addDemoCommands(fleet, context);
}

async function act(name: string, body: FleetAction, options: JsonOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const answer = await console.call('actOnFleetAgent', { params: { name }, body });
  context.print(options.json ? JSON.stringify(answer) : answer.message);
}

/** `fanout fleet demo start`: the demo fleet of a server that runs without one. */
function addDemoCommands(fleet: Command, context: CommandContext): void {
  const demo = fleet.command('demo').description('Start and stop the demo fleet of a running server.');
  const json = 'the fleet';
  addServerCommand(demo, 'start', {
    description: 'Start 12 agents in 3 subnets on the computer of the server; the first time they get a package.',
    json,
  }).action(async (options: JsonOptions) => {
    const status = await (await connect(options)).call('startDemoFleet', {});
    context.print(options.json ? JSON.stringify(status) : 'The demo fleet starts; "fanout fleet" shows how far it is.');
  });
  addServerCommand(demo, 'stop', {
    description: 'Stop every agent of the demo fleet; identities and packages stay for the next start.',
    json,
  }).action(async (options: JsonOptions) => {
    const status = await (await connect(options)).call('stopDemoFleet', {});
    context.print(options.json ? JSON.stringify(status) : status.demo.message);
  });
}
