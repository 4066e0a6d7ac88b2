import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const memory = '/dev/shm';

/**
 * A new folder for everything a lab writes; the caller deletes it. Computers have a disk each and the lab's share one, which
 * would be tried instead of the network: in memory where there is room for twice the bytes, else in the system's folder.
 */
export function makeLabFolder(neededBytes: number): string {
  return mkdtempSync(path.join(fitsInMemory(neededBytes) ? memory : tmpdir(), 'fanout-lab-'));
}

/** Whether a folder for so many bytes would be in memory, where no disk is measured. */
export function fitsInMemory(neededBytes: number): boolean {
  return hasRoom(2 * neededBytes);
}

function hasRoom(bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= bytes;
  } catch {
    return false; // no such file system
  }
}
