import { accessSync, constants, existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { formatBytes } from '../text-format.ts';
import type { Check } from './check.ts';
import { ok, problem } from './check.ts';

/** As `engines` of package.json says. */
const oldestNode = 20;

export function checkNode(version: string): Check {
  const subject = 'Node.js';
  const major = Number(version.split('.')[0]);
  if (major >= oldestNode) return ok(subject, `version ${version}`);
  return problem(subject, `version ${version} is too old`, `Install Node.js ${oldestNode} or later.`);
}

/** The folder itself, or the next one above it that is there. */
export function existingFolder(folder: string): string {
  let at = path.resolve(folder);
  while (!existsSync(at) && path.dirname(at) !== at) at = path.dirname(at);
  return at;
}

/** Whether files can be made in the data folder; makes none of it that is not there. */
export async function checkDataFolder(folder: string): Promise<Check> {
  const subject = `Data folder ${folder}`;
  const advice = 'Let the user that runs Fanout write there, or name another folder with --data.';
  const existing = existingFolder(folder);
  const isThere = existing === path.resolve(folder);
  try {
    if (!isThere) {
      accessSync(existing, constants.W_OK);
      return ok(subject, 'not there yet; it can be made');
    }
    const probe = path.join(folder, `.doctor-${process.pid}`);
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return ok(subject, 'can be written');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return problem(subject, `${isThere ? 'cannot be written' : `cannot be made in ${existing}`} (${code})`, advice);
  }
}

/** Agents keep so much free unless their policy says otherwise; the server is in trouble far below. */
const wantedBytes = defaultAgentSettings.minFreeDisk * 1_000_000_000;

export async function checkDisk(
  folder: string,
  freeBytesOf: (folder: string) => Promise<number | null> = systemFreeBytes,
): Promise<Check> {
  const subject = 'Disk space';
  const freeBytes = await freeBytesOf(existingFolder(folder));
  if (freeBytes === null) return { subject, status: 'skipped', finding: 'the system does not tell', advice: null };
  const finding = `${formatBytes(freeBytes)} free on the disk of the data folder`;
  if (freeBytes >= wantedBytes) return ok(subject, finding);
  return problem(
    subject,
    finding,
    `Make room: agents keep ${formatBytes(wantedBytes)} free (setting minFreeDisk) and download nothing below that.`,
  );
}

async function systemFreeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null; // a file system that does not tell, as some network drives
  }
}
