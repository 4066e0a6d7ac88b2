import { createReadStream, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { DemoPackage, ImportOptions } from '../fleet/demo-setup.ts';
import { importPackage, untilImported } from '../fleet/demo-setup.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatBytes } from './text-format.ts';

interface PublishOptions extends ConnectionOptions {
  readonly name?: string;
  readonly version?: string;
  readonly onServer?: true;
  readonly json?: true;
}

export function addPublishCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('publish')
    .argument('<path>', 'file or folder to import as a package')
    .description(
      'Import a file or folder as a package of the Notification Server, and wait for it. With --console a file of this computer is sent there.',
    )
    .option('--name <name>', 'name of the package; the name of the file or folder by default')
    .option('--version <version>', 'version of the package; the server chooses one by default')
    .option('--on-server', "the path is one of the server's computer: nothing is sent; folders, too")
    .option('--json', 'print {guid, version, key, name, bytes} as JSON');
  addConnectionOptions(command).action((target: string, options: PublishOptions) => publish(target, options, context));
}

async function publish(target: string, options: PublishOptions, context: CommandContext): Promise<void> {
  const absolute = options.onServer ? target : path.resolve(target);
  if (!options.onServer && !existsSync(absolute)) {
    throw new CommandFailure(exitCodes.notFound, `There is no file or folder ${absolute}.`);
  }
  const isSent = options.console !== undefined && options.onServer === undefined;
  if (isSent && !statSync(absolute).isFile()) {
    const sentence = `${absolute} is no file, and only a file can be sent to another server. Bring the folder to its computer, and publish it there or with --on-server.`;
    throw new CommandFailure(exitCodes.usage, sentence);
  }
  const console = await connect(options);
  const imported = await (isSent ? sendPackage : importPackage)(console, {
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

/** A console may be the end of a tunnel: whose computer it is on, its address does not say. */
async function sendPackage(console: ConsoleClient, options: ImportOptions): Promise<DemoPackage> {
  const { path: file, name, version, onProgress, signal } = options;
  // Who is refused hears it before a long file is on its way, which would break off without an answer.
  await console.call('session', {});
  const totalBytes = statSync(file).size;
  const query = {
    fileName: path.basename(file),
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
  };
  let doneBytes = 0;
  const content = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of createReadStream(file) as AsyncIterable<Uint8Array>) {
      doneBytes += piece.byteLength;
      onProgress({ state: 'sending', doneBytes, totalBytes });
      yield piece;
    }
  };
  return untilImported(console, await console.upload(query, content(), signal), options);
}
