import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { ServerFile } from '../../shared/contracts/server-file.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { ConsoleClient } from '../fleet/console-client.ts';
import { defaultDataFolder } from '../fleet/data-folder.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { serverUrlOption } from './option-values.ts';

export interface ConnectionOptions {
  readonly data?: string;
  readonly console?: string;
  readonly token?: string;
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'data folder of the server on this computer')
    .option('--console <url>', 'console of another server, e.g. http://127.0.0.1:27802 (with --token)', serverUrlOption)
    .option('--token <token>', 'API token instead of the own one of --data; for --console also read from FANOUT_TOKEN');
}

/** The console of the server that the options name: by address and token, or of this computer by its data folder. */
export async function connect(options: ConnectionOptions): Promise<ConsoleClient> {
  if (options.console !== undefined) {
    const token = options.token ?? process.env.FANOUT_TOKEN;
    if (token === undefined || token === '') {
      throw new CommandFailure(
        exitCodes.usage,
        '--console needs an API token of that server: --token or FANOUT_TOKEN.',
      );
    }
    return new ConsoleClient(options.console, token);
  }
  const dataFolder = path.resolve(options.data ?? defaultDataFolder());
  const server = await readServerFile(dataFolder);
  if (server === null) {
    throw new CommandFailure(
      exitCodes.serverUnreachable,
      `No Notification Server runs with the data folder ${dataFolder}. Start one with "fanout serve", or name another with --data, or with --console and --token.`,
    );
  }
  return new ConsoleClient(server.consoleUrl, options.token ?? server.apiToken);
}

/** The running server of a data folder, or null: no file, or one that a crash left behind. */
export async function readServerFile(dataFolder: string): Promise<ServerFile | null> {
  let text: string;
  try {
    text = await readFile(path.join(dataFolder, 'server.json'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'EACCES') {
      throw new CommandFailure(exitCodes.dataFolder, `The data folder ${dataFolder} belongs to another user.`);
    }
    throw error;
  }
  const parsed = serverFileSchema.safeParse(parseJson(text));
  return parsed.success && isProcessAlive(parsed.data.pid) ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // half written by a server that is just starting or was killed
  }
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
