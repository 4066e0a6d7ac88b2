import path from 'node:path';
import { type Command, Option } from 'commander';
import { childProcessLauncher } from '../fleet/child-process-launcher.ts';
import { ConsoleClient } from '../fleet/console-client.ts';
import { defaultDataFolder, emptyDataFolder, takeDataFolder } from '../fleet/data-folder.ts';
import { DemoFleetControl } from '../fleet/demo-fleet-control.ts';
import { tellOutcome } from '../fleet/demo-outcome.ts';
import { EmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { workerEntry } from '../fleet/worker-entry.ts';
import type { RunningNotificationServer } from '../notification-server/notification-server.ts';
import type { CommandContext } from './command-context.ts';
import { interrupted } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { startLocalServer } from './local-server.ts';
import type { ListenAddress } from './option-values.ts';
import { databaseOption, integerOption, listenOption } from './option-values.ts';
import { readServerFile } from './server-connection.ts';

interface ServeOptions {
  readonly data?: string;
  readonly database?: string;
  readonly listen: ListenAddress;
  readonly consolePort: number;
  readonly importFolder?: string;
  readonly demoFleet?: true;
  readonly fresh?: true;
  readonly json?: true;
}

const helpText = `
Prints a link that signs you in to the console once, within 10 minutes. Ctrl+C stops the server and its fleet in order.
With --json one line {pid, consoleUrl, agentUrl, signInLink, dataFolder, database} is printed when the server is up.`;

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Run the Notification Server with its console in the browser, without the desktop application.')
    .option('--data <folder>', "data folder; the system's folder for user data by default")
    .addOption(
      new Option('--listen <address:port>', 'where agents connect')
        .argParser(listenOption)
        .default(listenOption('127.0.0.1:27800'), '127.0.0.1:27800'),
    )
    .option(
      '--database <url>',
      'a PostgreSQL database instead of the embedded one, postgres://user:password@host:port/name; also from ' +
        'FANOUT_DATABASE, which other users of the computer cannot read off the list of processes',
    )
    .option('--console-port <port>', 'port of the console on 127.0.0.1; 0 = any', integerOption(0, 65_535), 27802)
    .option('--import-folder <folder>', 'folder on this computer from which manifests of channels may import')
    .option('--demo-fleet', 'run a fleet of 3 subnets × 4 agents on loopback and deliver a package to it')
    .option('--fresh', 'start with an empty data folder')
    .option('--json', 'print where the server is as JSON')
    .addHelpText('after', helpText)
    .action((options: ServeOptions) => serve(options, context));
}

async function serve(options: ServeOptions, context: CommandContext): Promise<void> {
  const dataFolder = path.resolve(options.data ?? defaultDataFolder());
  const postgres = databaseOption(options.database, process.env);
  if (postgres !== null && options.fresh) {
    const sentence =
      '--fresh empties the data folder, not a PostgreSQL database: empty that one yourself, or leave it out.';
    throw new CommandFailure(exitCodes.usage, sentence);
  }
  await refuseSecondStart(dataFolder);
  if (options.fresh) await inDataFolder(dataFolder, () => emptyDataFolder(dataFolder));
  await inDataFolder(dataFolder, () => takeDataFolder(dataFolder));
  const fleet = new EmbeddedFleet({
    launcher: childProcessLauncher(),
    workerEntry: workerEntry(),
    onOutput: (line) => context.note(line),
  });
  const importFolder = options.importFolder === undefined ? null : path.resolve(options.importFolder);
  const server = await startLocalServer({
    dataFolder,
    postgres,
    agentListen: options.listen,
    consolePort: options.consolePort,
    importFolder,
  });
  const demoFleet = demoFleetOf(server, fleet, dataFolder, context);
  server.setFleet(fleet, demoFleet);
  try {
    announce(server, options, { dataFolder, database: postgres?.shown ?? 'embedded', importFolder }, context);
    if (options.demoFleet) demoFleet.start();
    const failure = await Promise.race([server.failed, interrupted(context.interrupt).then(() => null)]);
    context.note('Stopping.');
    if (failure !== null) throw new CommandFailure(exitCodes.database, failure);
  } finally {
    // Agents first: they say goodbye to a server that still listens.
    await demoFleet.stop();
    await server.stop();
  }
}

function announce(
  server: RunningNotificationServer,
  options: ServeOptions,
  places: { readonly dataFolder: string; readonly database: string; readonly importFolder: string | null },
  context: CommandContext,
): void {
  const { consoleUrl, agentUrl } = server;
  const { dataFolder, database, importFolder } = places;
  const signInLink = server.makeSignInLink();
  if (options.json) {
    context.print(JSON.stringify({ pid: process.pid, consoleUrl, agentUrl, signInLink, ...places }));
    return;
  }
  const where = database === 'embedded' ? '' : `, and in the database ${database}`;
  context.print(`Fanout is ready. Open the console with this link (valid once, for 10 minutes):\n\n  ${signInLink}\n`);
  context.note(`Agents connect to ${agentUrl}. Data is in ${dataFolder}${where}. Ctrl+C stops.`);
  if (importFolder !== null) context.note(`Manifests of channels may import what lies in ${importFolder}.`);
}

/** At once where it was asked for, else when somebody starts it from the console. */
function demoFleetOf(
  server: RunningNotificationServer,
  fleet: EmbeddedFleet,
  dataFolder: string,
  context: CommandContext,
): DemoFleetControl {
  const console = new ConsoleClient(server.consoleUrl, server.apiToken);
  return new DemoFleetControl({
    console,
    fleet,
    fleetFolder: path.join(dataFolder, 'fleet'),
    onProgress: context.note,
    afterStart: (signal) => tellOutcome(console, context.note, signal),
  });
}

/** Names the process that uses the folder and gives a fresh link to its console, which is what a second start wants. */
async function refuseSecondStart(dataFolder: string): Promise<void> {
  const running = await readServerFile(dataFolder);
  if (running === null) return;
  const { url } = await new ConsoleClient(running.consoleUrl, running.apiToken).call('signInLink', {});
  throw new CommandFailure(
    exitCodes.dataFolder,
    `Fanout already runs with the data in ${dataFolder}: process ${running.pid}. Its console (link valid once):\n\n  ${url}\n`,
  );
}

async function inDataFolder(dataFolder: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(exitCodes.dataFolder, `The data folder ${dataFolder} cannot be used: ${sentence}`);
  }
}
