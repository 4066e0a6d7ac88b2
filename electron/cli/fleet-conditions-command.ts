import type { Command } from 'commander';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption, yesNoOption } from './option-values.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { formatColumns } from './text-format.ts';

interface ConditionOptions extends JsonOptions {
  readonly battery?: boolean;
  readonly vpn?: boolean;
  readonly metered?: boolean;
  readonly internet?: boolean;
  readonly installing?: boolean;
  readonly cpuLoad?: number;
  readonly normal?: true;
}

/** `fanout fleet conditions`: tries out what a policy makes of laptops on battery, in a VPN … */
export function addFleetConditionsCommand(fleet: Command, context: CommandContext): void {
  addServerCommand(fleet, 'conditions', {
    description:
      'Show what an embedded agent of a running server is in the middle of, or put it into something else; what is not named stays. Wi-Fi is a type of site: fanout site set SITE --type wifi.',
    json: 'the embedded agent',
    examples: ['fanout fleet conditions s1-a1 --battery yes --cpu-load 90', 'fanout fleet conditions s1-a1 --normal'],
  })
    .argument('<agent>', 'name of the embedded agent, as "fanout fleet" lists it')
    .option('--battery <yes|no>', 'on battery', yesNoOption)
    .option('--vpn <yes|no>', 'connected through a VPN', yesNoOption)
    .option('--metered <yes|no>', 'on a metered connection', yesNoOption)
    .option('--internet <yes|no>', "outside the organisation's network", yesNoOption)
    .option('--installing <yes|no>', 'installing software', yesNoOption)
    .option('--cpu-load <percent>', 'load of all cores together', integerOption(0, 100))
    .option('--normal', 'first back to a computer at its desk with nothing to do')
    .action((name: string, options: ConditionOptions) => conditions(name, options, context));
}

async function conditions(name: string, options: ConditionOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const isMeant = (agent: FleetAgentStatus) => agent.name === name;
  const before = (await console.call('fleet', {})).agents.find(isMeant);
  if (before === undefined) throw new CommandFailure(exitCodes.notFound, `There is no embedded agent "${name}".`);
  const named = namedConditions(options);
  let agent = before;
  if (options.normal || Object.keys(named).length > 0) {
    const body = { ...(options.normal ? normalConditions : before.conditions), ...named };
    const { agents } = await console.call('setFleetConditions', { params: { name }, body });
    agent = agents.find(isMeant) ?? before;
  }
  if (options.json) context.print(JSON.stringify(agent));
  else for (const line of conditionLines(agent.conditions)) context.print(line);
}

function namedConditions(options: ConditionOptions): Partial<ComputerConditions> {
  const { battery, vpn, metered, internet, installing, cpuLoad } = options;
  return {
    ...(battery === undefined ? {} : { onBattery: battery }),
    ...(vpn === undefined ? {} : { vpn }),
    ...(metered === undefined ? {} : { metered }),
    ...(internet === undefined ? {} : { internet }),
    ...(installing === undefined ? {} : { installing }),
    ...(cpuLoad === undefined ? {} : { cpuLoadPercent: cpuLoad }),
  };
}

function conditionLines({ onBattery, vpn, metered, internet, installing, cpuLoadPercent }: ComputerConditions) {
  const yesNo = (is: boolean) => (is ? 'yes' : 'no');
  return formatColumns([
    ['on battery', yesNo(onBattery)],
    ['VPN', yesNo(vpn)],
    ['metered', yesNo(metered)],
    ['outside the network', yesNo(internet)],
    ['installing', yesNo(installing)],
    ['CPU load', `${cpuLoadPercent} %`],
  ]);
}
