import type { FileHandle } from 'node:fs/promises';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { isNoRoom, systemErrorCode } from './agent-failure.ts';

/** Makes what was created, renamed or deleted in a folder survive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders as files; its file systems write names in order by themselves.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The file or folder that an operation was for does not exist. */
export function isNotThere(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT';
}

/** The process, or the system, may have no further file open: that says nothing about the file. */
export function isTooManyOpen(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Replaces a file so that after a crash either the old or the new content is there, whole. */
export async function writeFileDurably(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** Writes all of `parts`, one after the other, from `position` on. */
export async function writeAllAt(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let rest = parts;
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    rest = behind(rest, bytesWritten);
  }
}

/** `parts` without their first `bytes` bytes: a write may be short where the disk is nearly full. */
function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (skip < part.length) rest.push(part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}

/** Reads exactly `buffer.length` bytes; throws where the file is shorter. */
export async function readExactly(handle: FileHandle, buffer: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new Error('the file is shorter than its package says');
    done += bytesRead;
  }
}

export type DiskFailure = { readonly code: 'disk-full' | 'disk-error'; readonly detail: string };

/** ENOSPC and EDQUOT mean that there is no room, everything else that the disk failed. */
export function diskFailureOf(error: unknown): DiskFailure {
  const detail = error instanceof Error ? error.message : String(error);
  return { code: isNoRoom(error) ? 'disk-full' : 'disk-error', detail };
}

/** Runs `work` for every item, at most `atOnce` at a time. After a failure no further one begins; throws the first failure. */
export async function forEachAtOnce<Item>(
  atOnce: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    while (failure === null && next < items.length) {
      const item = items[next++] as Item;
      await work(item).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}
