import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { defaultDataFolder } from '../fleet/data-folder.ts';
import { systemAddresses } from './agent-interface.ts';
import type { CommandContext } from './command-context.ts';
import { broadcastPlaces, checkBroadcast } from './doctor/broadcast-checks.ts';
import type { Check } from './doctor/check.ts';
import { checkLines, problem, skipped } from './doctor/check.ts';
import type { Ports } from './doctor/port-checks.ts';
import { checkPort, defaultPorts, portNeeds } from './doctor/port-checks.ts';
import { checkDataFolder, checkDisk, checkNode } from './doctor/program-checks.ts';
import { checkAgentAddress, checkClock, checkHealth } from './doctor/server-checks.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { serverUrlOption } from './option-values.ts';
import { addExamples } from './server-command.ts';
import { readServerFile } from './server-connection.ts';
import { askHealth } from './server-health.ts';

interface DoctorOptions {
  readonly data?: string;
  readonly console?: string;
  readonly server?: string;
  readonly ports: Ports;
  readonly json?: true;
}

const { server, peers, console: consolePort } = defaultPorts;

/** `fanout doctor`: what a user of this computer needs. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('Check what Fanout needs on this computer, and say what to do. Exit code 1: there are problems.')
    .option('--data <folder>', 'data folder of the server or agent; that of the server by default')
    .option('--console <url>', 'console of a server to ask; that of --data by default', serverUrlOption)
    .option('--server <url>', 'where agents connect to a server, to ask it from here', serverUrlOption)
    .option('--ports <server,peers,console>', 'the ports to look at', portsOption, defaultPorts)
    .option('--json', 'print {ok, checks: [{subject, status, finding, advice}]} as JSON')
    .addHelpText(
      'after',
      `\nThe ports are ${server} (server), ${peers} (agents) and ${consolePort} (console) by default.`,
    );
  addExamples(command, ['fanout doctor', 'fanout doctor --server https://server.example:27800']).action(
    (options: DoctorOptions) => doctor(options, context),
  );
}

/** `27800,27801,27802` */
export function portsOption(text: string): Ports {
  const numbers = text.split(',').map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : 0));
  const [ofServer, ofPeers, ofConsole] = numbers;
  const isWhole = numbers.length === 3 && numbers.every((port) => port >= 1 && port <= 65_535);
  if (!isWhole || ofServer === undefined || ofPeers === undefined || ofConsole === undefined) {
    throw new InvalidArgumentError('Give three ports, such as 27800,27801,27802.');
  }
  return { server: ofServer, peers: ofPeers, console: ofConsole };
}

async function doctor(options: DoctorOptions, context: CommandContext): Promise<void> {
  const checks = await allChecks(options);
  const problems = checks.filter(({ status }) => status === 'problem').length;
  if (options.json) context.print(JSON.stringify({ ok: problems === 0, checks }));
  else for (const line of checkLines(checks)) context.print(line);
  if (problems > 0) {
    throw new CommandFailure(
      exitCodes.failed,
      problems === 1 ? 'There is a problem.' : `There are ${problems} problems.`,
    );
  }
}

async function allChecks(options: DoctorOptions): Promise<Check[]> {
  const folder = path.resolve(options.data ?? defaultDataFolder());
  const running = await readServerFile(folder);
  const checks = [checkNode(process.versions.node), await checkDataFolder(folder), await checkDisk(folder)];
  // One after the other: a port that two checks want at once would look taken.
  for (const need of portNeeds(options.ports)) checks.push(await checkPort(need, running?.pid ?? null));
  for (const place of broadcastPlaces(systemAddresses())) checks.push(await checkBroadcast(place));
  const consoleUrl = options.console ?? running?.consoleUrl;
  if (consoleUrl !== undefined) checks.push(...(await consoleChecks(consoleUrl)));
  if (options.server !== undefined) checks.push(...(await checkAgentAddress(options.server)));
  if (consoleUrl === undefined && options.server === undefined) {
    checks.push(skipped('Notification Server', 'none runs here; name one with --server or --console'));
  }
  return checks;
}

async function consoleChecks(consoleUrl: string): Promise<Check[]> {
  const askedAtMs = Date.now();
  try {
    const asked = await askHealth(consoleUrl);
    return [checkHealth(consoleUrl, asked), checkClock(asked.serverTimeMs, askedAtMs, Date.now())];
  } catch (error) {
    const subject = `Notification Server at ${consoleUrl}`;
    return [problem(subject, (error as Error).message, 'Start it, or see its log for why it does not answer.')];
  }
}
