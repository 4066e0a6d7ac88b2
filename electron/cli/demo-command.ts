import { statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { runDemo } from './demo/demo-run.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { formatBytes } from './text-format.ts';

interface DemoCommandOptions {
  readonly agents: number;
  readonly subnets: number;
  readonly file: string;
  readonly wanKbps: number;
  readonly killFirstDownloaderAt?: number;
  readonly perWorker: number;
  readonly timeout?: number;
  readonly data?: string;
  readonly json?: true;
}

const helpText = `
A Notification Server and a fleet of agents are started for this run alone, on loopback, and leave nothing behind.
  seconds             from the moment at which the server takes the delivery, just before the first WANT, to the last "ready"
  directBytes, wanCopiesPerSubnet   counted at the server's response sockets, aborted answers included
  peerBytes           told by the receiving agents
  verified            a process of its own read every copy again and compared its SHA-256 with the source's
  killed              with --kill-first-downloader-at: who was killed when, and how many blocks were on its disk
Exit code 0 only if every agent is ready, every copy verified and nothing failed.`;

/** @param cliEntry the file that `fanout` runs, for the verifying process */
export function addDemoCommand(program: Command, context: CommandContext, cliEntry: string): void {
  program
    .command('demo')
    .description('Deliver a real file to a fleet of agents on this computer and measure what crossed each WAN link.')
    .requiredOption('--file <path>', 'the file to deliver')
    .option('--agents <count>', 'agents in all subnets together', integerOption(1, 512), 12)
    .option('--subnets <count>', 'subnets, each a site with a WAN link of its own', integerOption(1, 64), 3)
    .option('--wan-kbps <rate>', '1,000 bit/s into each site; 0 = unlimited', integerOption(0, 100_000_000), 0)
    .option(
      '--kill-first-downloader-at <percent>',
      'kill the process of the first downloader of every subnet when so much of the package was sent into it',
      integerOption(1, 99),
    )
    .option(
      '--per-worker <count>',
      'agents in one process (1 when first downloaders are killed)',
      integerOption(1, 64),
      8,
    )
    .option('--timeout <seconds>', 'give up after so long; generous for the size by default', integerOption(1, 86_400))
    .option('--data <folder>', 'where to put the temporary data folder, instead of the folder of the system')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', helpText)
    .action((options: DemoCommandOptions) => demo(options, context, cliEntry));
}

async function demo(options: DemoCommandOptions, context: CommandContext, cliEntry: string): Promise<void> {
  const file = path.resolve(options.file);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandFailure(exitCodes.notFound, `There is no file ${file}.`);
  if (!stats.isFile() || stats.size === 0)
    throw new CommandFailure(exitCodes.usage, `${file} is not a file with content.`);
  if (options.agents < options.subnets) {
    throw new CommandFailure(
      exitCodes.usage,
      'Every subnet needs at least one agent: raise --agents or lower --subnets.',
    );
  }
  const report = await runDemo(
    {
      file,
      fileBytes: stats.size,
      agents: options.agents,
      subnets: options.subnets,
      wanKilobitsPerSecond: options.wanKbps,
      killAtPercent: options.killFirstDownloaderAt ?? null,
      agentsPerWorker: options.perWorker,
      timeoutSeconds: options.timeout ?? null,
      temporaryFolder: options.data ?? null,
      cliEntry,
    },
    context,
  );
  context.progress.clear();
  if (options.json) context.print(JSON.stringify(report));
  else {
    context.print(
      `${report.ready} of ${report.agents} agents ready in ${report.seconds.toFixed(1)} s; ${formatBytes(report.directBytes)} directly, ${formatBytes(report.peerBytes)} from peers.`,
    );
    context.print(`WAN copies per subnet: ${report.wanCopiesPerSubnet.map((copies) => copies.toFixed(3)).join(', ')}`);
    for (const kill of report.killed) {
      context.print(
        `${kill.agent} (process ${kill.pid}) was killed after ${kill.atSeconds.toFixed(1)} s with ${kill.blocksHeld} blocks.`,
      );
    }
    context.print(
      report.verified ? 'Every copy was read again and is the source.' : 'The copies were not all verified.',
    );
  }
  if (report.failures.length > 0 || report.ready < report.agents || !report.verified) {
    throw new CommandFailure(exitCodes.failed, report.failures.join('\n') || 'The demo did not succeed.');
  }
}
