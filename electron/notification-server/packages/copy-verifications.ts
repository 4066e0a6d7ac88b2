import { createHash, randomUUID } from 'node:crypto';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { FeedToAgent } from '../../../shared/contracts/agent-feed.ts';
import type { CopyHolder, CopyReport, CopyVerification } from '../../../shared/contracts/copy-verification.ts';
import { maximumListedDifferences } from '../../../shared/contracts/copy-verification.ts';
import type { Snapshot } from '../../../shared/contracts/snapshot.ts';
import { Complaints } from '../../../shared/server/complaints.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { Refusal } from '../refusal.ts';
import type { PackageLibrary } from './package-library.ts';

/** Kept to be asked for. */
const maximumKept = 100;
/** At a time. */
const maximumRunning = 20;

export interface CopyVerificationsParts {
  readonly library: PackageLibrary;
  /** False where the agent is not online. */
  readonly send: (agentId: AgentId, message: FeedToAgent) => boolean;
  readonly now: () => number;
}

interface Running {
  readonly snapshot: Snapshot;
  shown: CopyVerification;
}

/** Has copies read again by whoever has them, and says what differs from the signed snapshot. */
export class CopyVerifications {
  readonly #parts: CopyVerificationsParts;
  readonly #byId = new Map<string, Running>();
  readonly #complaints = new Complaints();

  constructor(parts: CopyVerificationsParts) {
    this.#parts = parts;
  }

  find(id: string): CopyVerification | null {
    return this.#byId.get(id)?.shown ?? null;
  }

  /** Throws a `Refusal` where nobody can be asked. `fromName`: as people call it. */
  async start(stored: StoredPackage, from: CopyHolder, fromName: string): Promise<CopyVerification> {
    const running = [...this.#byId.values()].filter(({ shown }) => shown.state === 'running').length;
    if (running >= maximumRunning) {
      throw new Refusal('busy', 'Other copies are being verified.', { retryAfterSeconds: 10 });
    }
    const { library, now, send } = this.#parts;
    const snapshot = await library.snapshot(stored.key);
    const id = randomUUID();
    const { key, name: packageName, version: packageVersion } = stored;
    const shown: CopyVerification = {
      ...{ id, from, fromName, key, packageName, packageVersion, startedAtMs: now() },
      ...{ state: 'running', endedAtMs: null, problem: null, isIntact: null, report: null },
    };
    const verification = { snapshot, shown };
    if (from === 'notification-server') {
      this.#ownReport(stored, snapshot).then(
        (report) => this.#end(verification, report, null),
        (error: Error) => this.#end(verification, null, error.message),
      );
    } else if (!send(from, { kind: 'verify-copy', requestId: id, key })) {
      throw new Refusal('conflict', `${fromName} is not online.`);
    }
    this.#keep(id, verification);
    return shown;
  }

  /** Of the agent; what nobody asked for is dropped. */
  answered(agentId: AgentId, requestId: string, report: CopyReport | null, problem: string | null): void {
    const verification = this.#byId.get(requestId);
    if (verification?.shown.from === agentId && verification.shown.state === 'running') {
      this.#end(verification, report, problem);
    }
  }

  /** Somebody got a damaged block of it: the agent reads its copy again, and fetches anew what differs. Nobody waits for the answer. */
  complained(agentId: AgentId, key: PackageKey): void {
    const { now, send } = this.#parts;
    if (!this.#complaints.isDue(agentId, key, now())) return;
    if (send(agentId, { kind: 'verify-copy', requestId: randomUUID(), key })) {
      this.#complaints.noteLook(agentId, key, now());
    }
  }

  agentGone(agentId: AgentId): void {
    for (const verification of this.#byId.values()) {
      const { from, state, fromName } = verification.shown;
      if (from === agentId && state === 'running') this.#end(verification, null, `${fromName} went offline.`);
    }
  }

  #keep(id: string, verification: Running): void {
    if (this.#byId.size >= maximumKept) {
      const oldest = [...this.#byId].find(([, { shown }]) => shown.state !== 'running');
      if (oldest !== undefined) this.#byId.delete(oldest[0]);
    }
    this.#byId.set(id, verification);
  }

  #end(verification: Running, report: CopyReport | null, problem: string | null): void {
    const { snapshot, shown } = verification;
    const endedAtMs = this.#parts.now();
    if (report === null) {
      verification.shown = { ...shown, state: 'failed', endedAtMs, problem: problem ?? 'The copy could not be read.' };
      return;
    }
    const blockCount = snapshot.blockHashes.length;
    const differences = report.differences.flatMap(({ block, sha256 }) => {
      const expectedSha256 = snapshot.blockHashes[block];
      return expectedSha256 === undefined ? [] : [{ block, sha256, expectedSha256, files: filesOf(snapshot, block) }];
    });
    const isIntact = report.heldBlocks === blockCount && report.differingBlocks === 0 && differences.length === 0;
    const { heldBlocks, differingBlocks } = report;
    const told = { blockCount, heldBlocks, differingBlocks, differences };
    verification.shown = { ...shown, state: 'done', endedAtMs, isIntact, report: told };
  }

  async #ownReport(
    { key }: StoredPackage,
    { blockHashes, blockSizeBytes, totalSizeBytes }: Snapshot,
  ): Promise<CopyReport> {
    const differences: CopyReport['differences'] = [];
    let heldBlocks = 0;
    let differingBlocks = 0;
    const file = await this.#parts.library.openContent(key);
    try {
      const buffer = Buffer.allocUnsafeSlow(blockSizeBytes);
      for (const [block, expected] of blockHashes.entries()) {
        const length = Math.min(blockSizeBytes, totalSizeBytes - block * blockSizeBytes);
        const bytes = buffer.subarray(0, length);
        const { bytesRead } = await file.read(bytes, 0, length, block * blockSizeBytes);
        if (bytesRead === 0 && length > 0) continue;
        heldBlocks++;
        const sha256 = createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
        if (sha256 === expected) continue;
        differingBlocks++;
        if (differences.length < maximumListedDifferences) differences.push({ block, sha256 });
      }
    } finally {
      await file.close();
    }
    return { blockCount: blockHashes.length, heldBlocks, differingBlocks, differences };
  }
}

function filesOf({ files, blockSizeBytes }: Snapshot, block: number): string[] {
  const startBytes = block * blockSizeBytes;
  return files
    .filter(
      ({ offsetBytes, sizeBytes }) => offsetBytes < startBytes + blockSizeBytes && offsetBytes + sizeBytes > startBytes,
    )
    .slice(0, 5)
    .map(({ path }) => path);
}
