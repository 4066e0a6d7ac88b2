import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { importPackage } from '../fleet/demo-setup.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatBytes } from './text-format.ts';

interface PublishOptions extends ConnectionOptions {
  readonly name?: string;
  readonly version?: string;
  readonly json?: true;
}

export function addPublishCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('publish')
    .argument('<path>', 'file or folder to import as a package')
    .description('Import a file or folder as a package of the Notification Server on this computer, and wait for it.')
    .option('--name <name>', 'name of the package; the name of the file or folder by default')
    .option('--version <version>', 'version of the package; the server chooses one by default')
    .option('--json', 'print {guid, version, key, name, bytes} as JSON');
  addConnectionOptions(command).action((target: string, options: PublishOptions) => publish(target, options, context));
}

async function publish(target: string, options: PublishOptions, context: CommandContext): Promise<void> {
  const absolute = path.resolve(target);
  if (!existsSync(absolute)) throw new CommandFailure(exitCodes.notFound, `There is no file or folder ${absolute}.`);
  const console = await connect(options);
  const imported = await importPackage(console, {
    path: absolute,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.version === undefined ? {} : { version: options.version }),
    onProgress: (job) =>
      context.progress.show(
        job.totalBytes === 0 ? 0 : job.doneBytes / job.totalBytes,
        `${job.state}  ${formatBytes(job.doneBytes)} of ${formatBytes(job.totalBytes)}`,
      ),
    signal: context.interrupt,
  });
  context.progress.clear();
  const { guid, version } = imported;
  const summary = (await console.call('packages', {})).find(
    (candidate) => candidate.guid === guid && candidate.version === version,
  );
  if (summary === undefined) throw new CommandFailure(exitCodes.failed, `The server lost package ${guid} ${version}.`);
  const { key, name, totalSizeBytes } = summary;
  context.print(
    options.json
      ? JSON.stringify({ guid, version, key, name, bytes: totalSizeBytes })
      : `${name} ${version} is package ${guid} (${formatBytes(totalSizeBytes)}).`,
  );
}
