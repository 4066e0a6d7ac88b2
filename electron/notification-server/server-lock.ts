import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ServerFile } from '../../shared/contracts/server-file.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { writePrivateFile } from './private-file.ts';
import { isProcessAlive, processStartMark } from './processes.ts';
import { StartError } from './start-error.ts';

const lockSchema = z.object({ pid: z.number().int().min(1), startMark: z.string() });

/**
 * One server per data folder. `server.lock` is created exclusively and decides; `server.json` tells the CLI and a second
 * start where the running server is. Both are left behind by a crash and then ignored, because their process is gone.
 */
export class ServerLock {
  readonly #dataFolder: string;

  private constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** Throws `StartError` `already-running`, naming process and console, where another server has the folder. */
  static async take(dataFolder: string): Promise<ServerLock> {
    const file = path.join(dataFolder, 'server.lock');
    const content = JSON.stringify({ pid: process.pid, startMark: await processStartMark(process.pid) });
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await createExclusively(file, content)) return new ServerLock(dataFolder);
      await refuseIfRunning(dataFolder, file);
      await rm(file, { force: true });
    }
    throw new StartError('already-running', `Another Fanout server is starting in ${dataFolder} at the same moment.`);
  }

  async publish(serverFile: ServerFile): Promise<void> {
    await writePrivateFile(path.join(this.#dataFolder, 'server.json'), `${JSON.stringify(serverFile, null, 2)}\n`);
  }

  async release(): Promise<void> {
    await rm(path.join(this.#dataFolder, 'server.json'), { force: true });
    await rm(path.join(this.#dataFolder, 'server.lock'), { force: true });
  }
}

/** `<data>/server.json`, or null where there is none or it cannot be understood. */
async function readServerFile(dataFolder: string): Promise<ServerFile | null> {
  return parseFile(path.join(dataFolder, 'server.json'), serverFileSchema);
}

async function parseFile<Value>(file: string, schema: z.ZodType<Value>): Promise<Value | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Missing, or cut off by a crash: the same as nobody there.
    return null;
  }
}

async function createExclusively(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function refuseIfRunning(dataFolder: string, lockFile: string): Promise<void> {
  const lock = await parseFile(lockFile, lockSchema);
  if (lock === null || !isProcessAlive(lock.pid) || (await processStartMark(lock.pid)) !== lock.startMark) return;
  const running = await readServerFile(dataFolder);
  const where = running === null ? '' : ` Its console is at ${running.consoleUrl}.`;
  throw new StartError(
    'already-running',
    `A Fanout server (process ${lock.pid}) already runs with the data in ${dataFolder}.${where}`,
    { pid: lock.pid, consoleUrl: running?.consoleUrl ?? null },
  );
}
