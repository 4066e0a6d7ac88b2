import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AgentFailure, messageOf, systemErrorCode } from './agent-failure.ts';

const ownerSchema = z.object({ pid: z.number().int(), startedAt: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** Between "its owner is gone" and "taken" somebody else may come; then it is in use after all. */
const maxAttempts = 3;

export interface DataFolderLock {
  release(): Promise<void>;
}

/** Makes sure that one agent at a time writes in a data folder. Rejects with an `AgentFailure`. */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const file = path.join(folder, 'agent.lock');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (await tryCreate(file)) return { release: () => rm(file, { force: true }) };
      const owner = await readOwner(file);
      if (owner !== null && (await isRunning(owner))) throw inUse(folder, owner.pid);
      await rm(file, { force: true });
    }
  } catch (error) {
    if (error instanceof AgentFailure) throw error;
    const message = `The data folder ${folder} cannot be written: ${messageOf(error)}`;
    throw new AgentFailure('data-folder-not-writable', message, error);
  }
  throw new AgentFailure('data-folder-in-use', `The data folder ${folder} is being taken by other agents.`);
}

function inUse(folder: string, pid: number): AgentFailure {
  return new AgentFailure(
    'data-folder-in-use',
    `The data folder ${folder} belongs to a running agent (process ${pid}).`,
  );
}

async function tryCreate(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(
        JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Owner),
      );
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(file: string): Promise<Owner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Cut by a crash, or gone meanwhile: nobody who runs is named in it.
    return null;
  }
}

async function isRunning(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
  }
  // Process numbers are used again: after a restart of the computer the same one may be another program.
  return (await startOf(owner.pid)) === owner.startedAt;
}

/** When the process started, in the system's own count; the empty string where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the second, the name, may contain blanks and ends with the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // Not Linux: the number alone has to do.
    return '';
  }
}
