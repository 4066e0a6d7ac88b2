import path from 'node:path';
import type { Command } from 'commander';
import type { BackupJob } from '../../shared/contracts/operation-api.ts';
import { dataFolderMarker, defaultDataFolder, takeDataFolder } from '../fleet/data-folder.ts';
import { restoreBackup } from '../notification-server/operation/restore.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect, readServerFile } from './server-connection.ts';
import { formatBytes } from './text-format.ts';

interface BackupOptions extends ConnectionOptions {
  readonly packages?: true;
  readonly json?: true;
}

interface RestoreOptions {
  readonly data?: string;
  readonly json?: true;
}

const pollEveryMs = 200;

const backupHelp = `
What is in it: the embedded database as of one moment (policies, sites, agents, deliveries, reports, audit trail, group keys),
the keys of the server (its certificate authority, so that agents keep trusting it), and the list of the packages; with
--packages their files too. The server keeps running. Keep the folder as safe as the server: who has it can be the server.
A PostgreSQL database is not in it: save that with pg_dump at the same time.`;

const restoreHelp = `
Every file is checked. Packages that are not in the backup are listed: copy their folders packages/KEY into the data folder,
or agents get them from each other only. For a PostgreSQL database, restore it with pg_restore and start with --database.`;

export function addBackupCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('backup')
    .argument('<folder>', 'a new folder on the computer of the server')
    .description('Save everything that a Notification Server needs to start again, while it runs.')
    .option('--packages', 'with the files of the packages')
    .option('--json', 'print the backup as JSON')
    .addHelpText('after', backupHelp);
  addConnectionOptions(command).action((folder: string, options: BackupOptions) => backup(folder, options, context));
}

export function addRestoreCommand(program: Command, context: CommandContext): void {
  program
    .command('restore')
    .argument('<folder>', 'a folder that `fanout backup` made')
    .description('Put a backup into an empty data folder. No server may run there.')
    .option('--data <folder>', "data folder; the system's folder for user data by default")
    .option('--json', 'print what was restored as JSON')
    .addHelpText('after', restoreHelp)
    .action((folder: string, options: RestoreOptions) => restore(folder, options, context));
}

async function backup(folder: string, options: BackupOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const body = { folder: path.resolve(folder), packages: options.packages === true };
  let job: BackupJob = await console.call('startBackup', { body });
  while (job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    job = await console.call('backup', {});
  }
  if (job.state === 'failed') throw new CommandFailure(exitCodes.failed, `The backup failed: ${job.message}`);
  if (options.json) context.print(JSON.stringify(job));
  else context.print(`Saved ${formatBytes(job.bytes)} in ${job.folder}.`);
  if (job.database === 'postgresql') {
    context.note('The PostgreSQL database is not in it: save it with pg_dump.');
  }
  if (!body.packages) context.note('The files of the packages are not in it (--packages).');
}

async function restore(folder: string, options: RestoreOptions, context: CommandContext): Promise<void> {
  const dataFolder = path.resolve(options.data ?? defaultDataFolder());
  const running = await readServerFile(dataFolder);
  if (running !== null) {
    throw new CommandFailure(exitCodes.dataFolder, `A server runs in ${dataFolder} (process ${running.pid}).`);
  }
  const manifest = await restoreBackup(path.resolve(folder), dataFolder, [dataFolderMarker]);
  await takeDataFolder(dataFolder);
  const missing = manifest.packages.filter(({ included }) => !included);
  if (options.json) {
    context.print(JSON.stringify({ dataFolder, database: manifest.database, files: manifest.files.length, missing }));
    return;
  }
  const made = new Date(manifest.createdAtMs).toISOString();
  context.print(`Restored the backup of ${made} into ${dataFolder}. Start it with "fanout serve --data".`);
  if (manifest.database === 'postgresql') {
    context.note('Its database is PostgreSQL: restore that with pg_restore, and start with --database.');
  }
  for (const { key, name, version } of missing)
    context.note(`Not in the backup: packages/${key} (${name} ${version}).`);
}
