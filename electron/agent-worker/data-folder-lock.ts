import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { AgentFailure, messageOf, systemErrorCode } from './agent-failure.ts';

const ownerSchema = z.object({ pid: z.number().int(), startedAt: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** Somebody else may be removing what a crash has left; that takes a millisecond. */
const maxAttempts = 100;
const attemptEveryMs = 10;
/** Longer ago than any removal takes: whoever began it is gone. */
const removalOverMs = 10_000;
/** Where the file system knows no second names for a file (FAT). */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export interface DataFolderLock {
  release(): Promise<void>;
}

/**
 * Makes sure that one agent at a time writes in a data folder. Rejects with an `AgentFailure`.
 *
 * Invariant 1: the lock appears with its owner's name in it, in one step: nobody takes it for what a crash has left.
 * Invariant 2: what a crash has left is removed by one at a time, who has looked at it again: nobody removes a new lock.
 */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const file = path.join(folder, 'agent.lock');
  const own = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const owner: Owner = { pid: process.pid, startedAt: await startOf(process.pid) };
    await writeFile(own, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    try {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        if (await tryTake(own, file)) return { release: () => rm(file, { force: true }) };
        const running = await runningOwner(file);
        if (running !== null) throw inUse(folder, running.pid);
        if (!(await tryRemoveLeft(own, file))) await pause(attemptEveryMs);
      }
    } finally {
      await rm(own, { force: true });
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

/** Gives the file `own` a second name; false where that name is taken. */
async function tryTake(own: string, name: string): Promise<boolean> {
  try {
    await link(own, name).catch(async (error: unknown) => {
      if (!noLinks.has(systemErrorCode(error))) throw error;
      await writeFile(name, await readFile(own), { flag: 'wx', mode: 0o600 });
    });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock that a crash has left. False where somebody else is at it. */
async function tryRemoveLeft(own: string, file: string): Promise<boolean> {
  const guard = `${file}.removal`;
  if (!(await tryTake(own, guard))) {
    const begun = await stat(guard).catch(() => null);
    if (begun !== null && Date.now() - begun.ctimeMs > removalOverMs) await rm(guard, { force: true });
    return false;
  }
  try {
    if ((await runningOwner(file)) === null) await rm(file, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Null where the lock is gone, cut by a crash, or of a process that runs no longer. */
async function runningOwner(file: string): Promise<Owner | null> {
  try {
    const owner = ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return (await isRunning(owner)) ? owner : null;
  } catch {
    // Nobody who runs is named in it.
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
