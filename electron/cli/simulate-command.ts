import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type {
  FaultProfile,
  OnlineHours,
  PackageServerPlacement,
  SimulationRequest,
  SimulationResult,
} from '../../shared/contracts/simulation.ts';
import {
  defaultGeneratedOrganisation,
  defaultSimulationRequest,
  faultProfiles,
  onlineHoursKinds,
  packageServerPlacements,
  simulationRequestSchema,
} from '../../shared/contracts/simulation.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { policyOfFile } from './simulate/policy-of-file.ts';
import { refuseTooLarge, runSimulation } from './simulate/simulation-run.ts';
import { comparisonLines, simulationLines } from './simulate/simulation-text.ts';

interface SimulateOptions {
  readonly agents: number;
  readonly sites: number;
  readonly regions: number;
  readonly packageMib: number;
  readonly seed: number;
  readonly priority: SimulationRequest['priority'];
  readonly packageServers: PackageServerPlacement;
  readonly onlineHours: OnlineHours;
  readonly laptops: number;
  readonly branchKbps: number;
  readonly regionKbps: number;
  readonly lanKbps: number;
  readonly faults: FaultProfile;
  readonly sample?: number;
  readonly until: number;
  readonly maxHours: number;
  readonly policy?: string;
  readonly compare?: string[];
  readonly threads?: number;
  readonly json?: true;
}

/** What is refused is named as it was written. */
const optionOfField: Readonly<Record<string, string>> = {
  agents: '--agents',
  sites: '--sites',
  regions: '--regions',
  packageServers: '--package-servers',
};

const helpText = `
The agents' own code runs in a model of the organisation, in virtual time. Nothing is sent, no server is needed.
The same options and the same seed give the same result, bit by bit: compare traceHash.
  wanCopiesPerSite    block bytes that came into a site from outside, aborted answers included, ÷ size of the package
  unexcusedWanCopiesPerSite  the same without what crossed again because nobody near had it any more
  coreClients         distinct addresses that the Notification Server sent a block
  neverOn             agents that were never on during the run: nothing could have made these ready
  penetration         virtual seconds until 50, 98, 99.9 and 100 % of all agents were ready
  penetrationSinceOn  the same for those that were on at all, each from the moment when it was first on
  directBytes         left the sockets of the Notification Server and of Package Servers
  peerBytes           arrived from peers
Policies are files of "fanout policy export"; one of several in a file is FILE#NAME.
Exit code 0 only if enough agents are ready and no rule was broken.

Examples:
  fanout simulate --agents 54000 --sites 280 --regions 17 --package-mib 70
  fanout simulate --agents 2000 --sites 20 --regions 2 --package-servers regions --faults bad-day
  fanout simulate --agents 2000 --sites 20 --regions 2 --compare saved.json edited.json`;

export function addSimulateCommand(program: Command, context: CommandContext): void {
  const { agents, sites, regions, branchKilobitsPerSecond, regionKilobitsPerSecond, lanKilobitsPerSecond } =
    defaultGeneratedOrganisation;
  const kbps = integerOption(64, 100_000_000);
  program
    .command('simulate')
    .description('Try a rollout, a policy or a bad day on a model of the organisation, in virtual time.')
    .option('--agents <count>', 'agents of all sites together', integerOption(1, 200_000), agents)
    .option('--sites <count>', 'sites, regions included', integerOption(1, 5000), sites)
    .option(
      '--regions <count>',
      'sites that feed the others; 0 = the server feeds all',
      integerOption(0, 5000),
      regions,
    )
    .option('--package-mib <size>', 'size of the package, MiB', integerOption(1, 10_240), 70)
    .option('--seed <number>', 'another seed, another run', integerOption(0, 4_294_967_295), 1)
    .addOption(choice('--package-servers <where>', 'who has Package Servers', packageServerPlacements, 'branches'))
    .addOption(choice('--online-hours <kind>', 'when computers are on', onlineHoursKinds, 'always'))
    .option('--laptops <percent>', 'of the computers, in office hours', integerOption(0, 100), 30)
    .option('--branch-kbps <rate>', 'WAN link of a branch, 1,000 bit/s each way', kbps, branchKilobitsPerSecond)
    .option('--region-kbps <rate>', 'WAN link of a region, 1,000 bit/s each way', kbps, regionKilobitsPerSecond)
    .option('--lan-kbps <rate>', "a computer's own link, 1,000 bit/s each way", kbps, lanKilobitsPerSecond)
    .addOption(choice('--priority <priority>', 'of the delivery', ['background', 'normal', 'emergency'], 'normal'))
    .option('--policy <file>', 'settings of every agent, from a file of exported policies')
    .addOption(choice('--faults <profile>', 'what goes wrong', faultProfiles, 'none'))
    .option('--compare <files...>', 'run the same with two policies, and show both')
    .option('--sample <agents>', 'draw whole sites until there are so many agents', integerOption(1, 200_000))
    .option('--until <percent>', 'end once so many agents are ready, such as 98 or 99.9', percentOption, 1000)
    .option('--max-hours <hours>', 'virtual hours after which it ends in any case', integerOption(1, 2016), 336)
    .option('--threads <count>', 'parts simulated at a time; as many as this computer can', integerOption(1, 64))
    .option('--json', 'print the result as JSON, with --compare an array of both')
    .addHelpText('after', helpText)
    .action((options: SimulateOptions) => simulate(options, context));
}

function choice(flags: string, description: string, values: readonly string[], standard: string): Option {
  return new Option(flags, description).choices(values).default(standard);
}

/** In thousandths. */
function percentOption(text: string): number {
  const thousandths = /^\d{1,3}(\.\d)?$/.test(text) ? Math.round(Number(text) * 10) : Number.NaN;
  if (!(thousandths >= 1 && thousandths <= 1000)) {
    throw new InvalidArgumentError('Give a percentage from 0.1 to 100, with one decimal at most.');
  }
  return thousandths;
}

async function simulate(options: SimulateOptions, context: CommandContext): Promise<void> {
  const compared = options.compare ?? [];
  if (options.compare !== undefined && (compared.length !== 2 || options.policy !== undefined)) {
    throw new CommandFailure(exitCodes.usage, '--compare takes two policies, as in --compare A B, and no --policy.');
  }
  const sources = options.compare ?? (options.policy === undefined ? [] : [options.policy]);
  const policies = await Promise.all(sources.map((source) => policyOfFile(source)));
  const requests = (policies.length === 0 ? [null] : policies).map((settings) => requestOf(options, settings));
  for (const request of requests) await refuseTooLarge(request);
  const results: SimulationResult[] = [];
  for (const [index, request] of requests.entries()) {
    const label = requests.length === 1 ? '' : `${sources[index]}: `;
    results.push(await runSimulation(request, options.threads ?? null, label, context));
  }
  context.progress.clear();
  const [first, second] = results;
  if (options.json) context.print(JSON.stringify(second === undefined ? first : results));
  else if (first !== undefined && second !== undefined) {
    for (const line of comparisonLines(sources, [first, second])) context.print(line);
  } else if (first !== undefined) for (const line of simulationLines(first, options)) context.print(line);
  for (const result of results) refuseFailed(result, options.until);
}

function requestOf(options: SimulateOptions, settings: SimulationRequest['settings']): SimulationRequest {
  const parsed = simulationRequestSchema.safeParse({
    ...defaultSimulationRequest,
    organisation: {
      ...defaultGeneratedOrganisation,
      agents: options.agents,
      sites: options.sites,
      regions: options.regions,
      packageServers: options.packageServers,
      branchKilobitsPerSecond: options.branchKbps,
      regionKilobitsPerSecond: options.regionKbps,
      lanKilobitsPerSecond: options.lanKbps,
      onlineHours: options.onlineHours,
      laptopPercent: options.laptops,
    },
    packageMebibytes: options.packageMib,
    priority: options.priority,
    seed: options.seed,
    settings,
    faults: options.faults,
    agentBound: options.sample ?? null,
    maxVirtualHours: options.maxHours,
    untilPerThousand: options.until,
  } satisfies SimulationRequest);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => {
    const option = optionOfField[String(path.at(-1))];
    return option === undefined ? message : `${option}: ${message}`;
  });
  throw new CommandFailure(exitCodes.usage, words.join('\n'));
}

function refuseFailed({ agents, ready, violations }: SimulationResult, untilPerThousand: number): void {
  const [violation] = violations;
  if (violation !== undefined) {
    const { check, agent, detail } = violation;
    throw new CommandFailure(exitCodes.failed, `A rule was broken (${check}, ${agent}: ${detail}): please report it.`);
  }
  if (ready * 1000 < agents * untilPerThousand) {
    throw new CommandFailure(
      exitCodes.failed,
      `${agents - ready} of ${agents} agents were not ready in the virtual time allowed.`,
    );
  }
}
