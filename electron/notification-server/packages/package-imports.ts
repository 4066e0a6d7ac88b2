import { randomBytes } from 'node:crypto';
import { rm, statfs } from 'node:fs/promises';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../../shared/base/units.ts';
import type { ImportJob, ImportRequest } from '../../../shared/contracts/console-api.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { insertPackage } from '../../database/stores/package-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { HashThread } from './hash-thread.ts';
import type { ImportIdentity } from './import-plan.ts';
import { identityOfImport, snapshotOf } from './import-plan.ts';
import { PackageLibrary } from './package-library.ts';
import type { ScannedFile } from './package-scan.ts';
import { scanForImport } from './package-scan.ts';

interface Job {
  readonly id: string;
  readonly identity: ImportIdentity;
  readonly who: string;
  /** What the person chose; for an upload the file's name. */
  readonly shownPath: string;
  readonly startedAtMs: number;
  state: ImportJob['state'];
  doneBytes: number;
  totalBytes: number;
  message: string;
}

export interface ImportParts {
  readonly organisation: Organisation;
  readonly library: PackageLibrary;
  readonly identity: ServerIdentity;
  readonly writes: WriteBatcher;
  readonly thread: HashThread;
  readonly now: () => number;
  readonly logError: (error: unknown, sentence: string) => void;
}

/** More than this waiting is a mistake of a script. */
const maximumActive = 32;
const maximumKept = 100;
/** A refusal within this time is the answer of the request; a longer scan is a job to watch. */
const answerWithinMs = 2000;

/**
 * Imports: scanned at once, hashed and copied one after the other. A package appears whole, by one rename and one row,
 * or not at all: whatever ends an import earlier leaves a folder that is deleted, at the latest at the next start.
 */
export class PackageImports {
  readonly #parts: ImportParts;
  readonly #jobs: Job[] = [];
  readonly #reserved = new Set<PackageKey>();
  readonly #listeners: (() => void)[] = [];
  #hashing: Promise<void> = Promise.resolve();

  constructor(parts: ImportParts) {
    this.#parts = parts;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Newest first. */
  list(): ImportJob[] {
    return [...this.#jobs].reverse().map(jobOf);
  }

  get unfinished(): number {
    return this.#jobs.filter(isActive).length;
  }

  /**
   * Throws a `Refusal` where the path cannot be imported and that is known soon. `dispose` runs when the import is over.
   */
  async start(
    request: ImportRequest,
    who: string,
    upload?: { readonly fileName: string; readonly dispose: () => Promise<void> },
  ): Promise<ImportJob> {
    if (this.#jobs.filter(isActive).length >= maximumActive) {
      throw new Refusal('busy', 'Too many imports are waiting. Come back when some are done.', {
        retryAfterSeconds: 30,
      });
    }
    const identity = identityOfImport(request, this.#parts.organisation, this.#reserved);
    const job: Job = {
      id: randomBytes(8).toString('hex'),
      identity,
      who,
      shownPath: upload?.fileName ?? request.path,
      startedAtMs: this.#parts.now(),
      state: 'scanning',
      doneBytes: 0,
      totalBytes: 0,
      message: '',
    };
    this.#remember(job);
    const scan = scanForImport(request.path, () => job.state === 'cancelled');
    void this.#run(job, scan, upload?.dispose);
    // A refusal of the scan is thrown from here to the one who asked, and the job is not worth showing then.
    let timer: NodeJS.Timeout | undefined;
    const later = new Promise<'later'>((resolve) => {
      timer = setTimeout(() => resolve('later'), answerWithinMs);
    });
    try {
      await Promise.race([scan, later]);
    } catch (error) {
      this.#forget(job);
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return jobOf(job);
  }

  cancel(id: string): void {
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (job === undefined) throw new Refusal('not-found', 'There is no such import.');
    if (!isActive(job)) throw new Refusal('conflict', 'This import is over already.');
    this.#end(job, 'cancelled', '');
    this.#parts.thread.cancel(id);
  }

  /** Cancels what runs and waits until its files are gone. */
  async stop(): Promise<void> {
    for (const job of this.#jobs.filter(isActive)) this.#end(job, 'cancelled', '');
    await this.#parts.thread.stop();
    await this.#hashing;
  }

  async #run(job: Job, scan: Promise<ScannedFile[]>, dispose: (() => Promise<void>) | undefined): Promise<void> {
    this.#reserved.add(job.identity.key);
    try {
      const files = await scan;
      job.totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const turn = this.#hashing.then(() => this.#hash(job, files));
      this.#hashing = turn.catch(() => undefined);
      await turn;
    } catch (error) {
      if (isActive(job)) this.#end(job, 'failed', this.#sentence(error));
    } finally {
      this.#reserved.delete(job.identity.key);
      await dispose?.().catch((error: unknown) => this.#parts.logError(error, 'An uploaded file was not removed.'));
    }
  }

  async #hash(job: Job, files: readonly ScannedFile[]): Promise<void> {
    if (!isActive(job)) return;
    const { library, thread } = this.#parts;
    await refuseFullDisk(library.folder, job.totalBytes);
    const folder = await library.makeImportFolder(job.id);
    try {
      // A cancellation up to here finds no order at the thread that it could call back.
      if (!isActive(job)) return;
      job.state = 'hashing';
      this.#changed();
      const outcome = await thread.hash({
        jobId: job.id,
        sources: files.map(({ file, sizeBytes }) => ({ file, sizeBytes })),
        contentFile: PackageLibrary.contentFileIn(folder),
        blockSizeBytes: BLOCK_SIZE_BYTES,
        onProgress: (doneBytes) => {
          job.doneBytes = doneBytes;
          this.#changed();
        },
      });
      if (outcome.kind === 'failed') throw new Refusal('path-refused', outcome.message);
      if (outcome.kind === 'cancelled' || !isActive(job)) return;
      await this.#publish(job, files, outcome.blockHashes, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #publish(
    job: Job,
    files: readonly ScannedFile[],
    blockHashes: readonly string[],
    folder: string,
  ): Promise<void> {
    const { library, identity, writes, organisation, now } = this.#parts;
    const { key, guid, version, name } = job.identity;
    const snapshot = snapshotOf(job.identity, files, blockHashes, now());
    await library.adopt(folder, key, identity.signSnapshot(Buffer.from(JSON.stringify(snapshot))));
    const stored: StoredPackage = {
      key,
      guid,
      version,
      name,
      files: files.length,
      totalSizeBytes: snapshot.totalSizeBytes,
      blockCount: blockHashes.length,
      createdAtMs: snapshot.createdAtMs,
      withdrawnAtMs: null,
    };
    try {
      await writes.write(async (transaction) => {
        await insertPackage(transaction, stored);
        await insertAuditEntry(transaction, {
          atMs: stored.createdAtMs,
          who: job.who,
          action: 'import-package',
          subject: `${name} ${version}`,
          before: null,
          after: stored,
        });
      });
    } catch (error) {
      await library.discard(key);
      throw error;
    }
    await organisation.reload('packages');
    job.doneBytes = job.totalBytes;
    this.#end(job, 'done', '');
  }

  #remember(job: Job): void {
    const oldestOver = this.#jobs.findIndex((candidate) => !isActive(candidate));
    if (this.#jobs.length >= maximumKept && oldestOver >= 0) this.#jobs.splice(oldestOver, 1);
    this.#jobs.push(job);
    this.#changed();
  }

  #forget(job: Job): void {
    const index = this.#jobs.indexOf(job);
    if (index >= 0) this.#jobs.splice(index, 1);
    this.#changed();
  }

  #end(job: Job, state: 'done' | 'failed' | 'cancelled', message: string): void {
    job.state = state;
    job.message = message;
    this.#changed();
  }

  #sentence(error: unknown): string {
    if (error instanceof Refusal) return error.message;
    this.#parts.logError(error, 'An import failed.');
    return 'The import failed inside the server; its log says more. Import again.';
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isActive(job: Job): boolean {
  return job.state === 'scanning' || job.state === 'hashing';
}

/** Said before the copy instead of after hours of it. */
async function refuseFullDisk(folder: string, neededBytes: number): Promise<void> {
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes >= neededBytes) return;
  throw new Refusal(
    'too-large',
    `The package needs ${megabytes(neededBytes)} MB, but the disk with the server's data has only ${megabytes(freeBytes)} MB free.`,
  );
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 1_000_000).toLocaleString('en-US');
}

function jobOf(job: Job): ImportJob {
  const { guid, version, key, name } = job.identity;
  return {
    id: job.id,
    path: job.shownPath,
    name,
    state: job.state,
    doneBytes: job.doneBytes,
    totalBytes: job.totalBytes,
    startedAtMs: job.startedAtMs,
    message: job.message,
    package: job.state === 'done' ? { guid, version, key } : null,
  };
}
