import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { FairPacer } from '../../../shared/base/fair-pacer.ts';

export interface ByteSection {
  readonly file: FileHandle;
  /** Position in the file. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Two of these per answer: one is read while the other is written. */
const windowBytes = 256 * 1024;
/** Kept for the next answers; more are given back to the collector. */
const maximumSpareWindows = 32;
const spareWindows: Buffer[] = [];

/**
 * Sends a section of a file as the body of an answer whose head is written, no faster than the site's pacer allows, and
 * tells `count` of every portion when the socket has taken it. A portion that was under way when the connection broke is
 * counted in full: it may have left, and a WAN copy must never look cheaper than it was. Resolves to false where the
 * connection broke; rejects where the file cannot be read.
 */
export async function sendSection(
  response: ServerResponse,
  section: ByteSection,
  pacer: FairPacer,
  count: (bytes: number) => void,
): Promise<boolean> {
  const windows: [Buffer, Buffer] = [takeWindow(), takeWindow()];
  let written: Promise<void> = Promise.resolve();
  try {
    for (let done = 0, turn = 0; done < section.lengthBytes && !response.destroyed; turn ^= 1) {
      const window = windows[turn === 0 ? 0 : 1];
      const wanted = Math.min(windowBytes, section.lengthBytes - done);
      const { bytesRead } = await section.file.read(window, 0, wanted, section.offsetBytes + done);
      if (bytesRead === 0) throw new Error('The package content is shorter than its snapshot says.');
      // The window before has to be out before this one follows: order, and a bound on what waits in memory.
      await written;
      written = writePaced(response, window.subarray(0, bytesRead), pacer, count);
      done += bytesRead;
    }
    await written;
  } finally {
    await written;
    for (const window of windows) if (spareWindows.length < maximumSpareWindows) spareWindows.push(window);
  }
  return !response.destroyed;
}

function takeWindow(): Buffer {
  return spareWindows.pop() ?? Buffer.allocUnsafeSlow(windowBytes);
}

/** Never rejects: a broken connection shows in `response.destroyed`. */
async function writePaced(
  response: ServerResponse,
  bytes: Buffer,
  pacer: FairPacer,
  count: (bytes: number) => void,
): Promise<void> {
  const writes: Promise<void>[] = [];
  for (let at = 0; at < bytes.length && !response.destroyed; ) {
    const slice = bytes.subarray(at, at + pacer.sliceBytes);
    at += slice.length;
    if (pacer.isUnlimited) {
      writes.push(writeSlice(response, slice, count));
      continue;
    }
    if (!(await permission(response, pacer, slice.length))) break;
    await writeSlice(response, slice, count);
  }
  await Promise.all(writes);
}

/** False where the connection broke while waiting. */
function permission(response: ServerResponse, pacer: FairPacer, bytes: number): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      giveUp();
      resolve(false);
    };
    response.once('close', onClose);
    const giveUp = pacer.ask(bytes, () => {
      response.off('close', onClose);
      resolve(!response.destroyed);
    });
  });
}

/**
 * The callback of a TLS write that waits for a full connection never comes when the other side is killed, so the end of the
 * connection counts as well: an answer that waited for ever would keep its file and its place among the answers.
 */
function writeSlice(response: ServerResponse, slice: Buffer, count: (bytes: number) => void): Promise<void> {
  return new Promise((resolve) => {
    let isCounted = false;
    const onEnd = (): void => {
      response.off('close', onEnd);
      if (isCounted) return;
      isCounted = true;
      count(slice.length);
      resolve();
    };
    response.once('close', onEnd);
    response.write(slice, onEnd);
  });
}
