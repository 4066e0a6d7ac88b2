/**
 * The thread that reads, hashes and copies what is imported, so that the server's event loop stays free. One package at
 * a time, one block in memory; between two blocks it listens for a cancellation.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { fileProblem } from './packages/file-problem.ts';
import type { FromHashWorker, HashSource, ToHashWorker } from './packages/hash-messages.ts';

type HashJob = Extract<ToHashWorker, { kind: 'hash' }>;

class Cancelled extends Error {}
/** Its message is a sentence for people already. */
class ImportProblem extends Error {}

/** The server shows progress once a second at most; ten a second leave it choice. */
const progressEveryMs = 100;
const cancelled = new Set<string>();
/** The server queues imports and hands over one at a time, so this chain has one link. */
let running: Promise<void> = Promise.resolve();

if (parentPort === null) throw new Error('The hash worker is started by the server, as a thread.');
const port = parentPort;

port.on('message', (message: ToHashWorker) => {
  if (message.kind === 'cancel') cancelled.add(message.jobId);
  else running = running.then(() => run(message));
});

function tell(message: FromHashWorker): void {
  port.postMessage(message);
}

async function run(job: HashJob): Promise<void> {
  const { jobId } = job;
  try {
    tell({ kind: 'done', jobId, blockHashes: await hashAndCopy(job) });
  } catch (error) {
    if (error instanceof Cancelled) tell({ kind: 'cancelled', jobId });
    else if (error instanceof ImportProblem) tell({ kind: 'failed', jobId, message: error.message });
    else tell({ kind: 'failed', jobId, message: fileProblem(job.contentFile, error) });
  } finally {
    cancelled.delete(jobId);
  }
}

async function hashAndCopy(job: HashJob): Promise<string[]> {
  const blockHashes: string[] = [];
  const block = Buffer.allocUnsafeSlow(job.blockSizeBytes);
  const content = await open(job.contentFile, 'wx', 0o600);
  let filled = 0;
  let doneBytes = 0;
  let toldAtMs = 0;
  const finishBlock = async (): Promise<void> => {
    const bytes = block.subarray(0, filled);
    blockHashes.push(createHash('sha256').update(bytes).digest('hex'));
    await writeAll(content, bytes);
    doneBytes += filled;
    filled = 0;
    if (performance.now() - toldAtMs < progressEveryMs) return;
    toldAtMs = performance.now();
    tell({ kind: 'progress', jobId: job.jobId, doneBytes });
  };
  try {
    for (const source of job.sources) {
      await readWhole(source, async (file, position) => {
        if (cancelled.has(job.jobId)) throw new Cancelled();
        const { bytesRead } = await file.read(block, filled, block.length - filled, position);
        filled += bytesRead;
        if (filled === block.length) await finishBlock();
        return bytesRead;
      });
    }
    if (filled > 0) await finishBlock();
    await content.sync();
  } finally {
    await content.close();
  }
  return blockHashes;
}

/** A single write may take less than it was given. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** Calls `read` with rising positions until the file ends; refuses a file that is not as long as when it was found. */
async function readWhole(
  source: HashSource,
  read: (file: FileHandle, position: number) => Promise<number>,
): Promise<void> {
  const file = await open(source.file, 'r').catch((error: unknown) => {
    throw new ImportProblem(fileProblem(source.file, error));
  });
  try {
    let position = 0;
    for (;;) {
      const bytesRead = await read(file, position);
      position += bytesRead;
      if (bytesRead === 0 || position > source.sizeBytes) break;
    }
    if (position !== source.sizeBytes) {
      throw new ImportProblem(
        `"${source.file}" changed while it was imported. Import it again when nothing writes to it.`,
      );
    }
  } finally {
    await file.close();
  }
}
