import type { PackageKey } from '../../shared/base/ids.ts';
import type { FeedFromAgent } from '../../shared/contracts/agent-feed.ts';
import type { CopyReport } from '../../shared/contracts/copy-verification.ts';
import { maximumListedDifferences } from '../../shared/contracts/copy-verification.ts';
import { messageOf } from './agent-failure.ts';
import type { BlockStore } from './block-store.ts';

/** Each reads a whole package: more than some at a time are a mistake of whoever asks. */
const maximumWaiting = 16;

/** Reads copies again when the Notification Server asks for it, one after the other. What it finds, the store tells the core. */
export class CopyVerifier {
  readonly #store: Pick<BlockStore, 'find'>;
  readonly #send: (message: FeedFromAgent) => void;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(store: Pick<BlockStore, 'find'>, send: (message: FeedFromAgent) => void) {
    this.#store = store;
    this.#send = send;
  }

  verify(requestId: string, key: PackageKey): void {
    if (this.#waiting >= maximumWaiting) {
      this.#send({ kind: 'copy-verified', requestId, report: null, problem: 'Too many verifications wait already.' });
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      const answer = await this.#report(key).then(
        (report) => ({ report, problem: null }),
        (error: unknown) => ({ report: null, problem: messageOf(error).slice(0, 1000) }),
      );
      this.#waiting--;
      if (!this.#isClosed) this.#send({ kind: 'copy-verified', requestId, ...answer });
    });
  }

  /** What is being read is read no further. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  async #report(key: PackageKey): Promise<CopyReport> {
    const stored = this.#store.find(key);
    if (stored === undefined) return { blockCount: 0, heldBlocks: 0, differingBlocks: 0, differences: [] };
    const { blockHashes } = stored.snapshot;
    // Files that are deleted while they are open could still be read, and nobody else would find them.
    const gone = await stored.takeBackLost();
    const differences: CopyReport['differences'] = gone
      .slice(0, maximumListedDifferences)
      .map((block) => ({ block, sha256: null }));
    let heldBlocks = gone.length;
    let differingBlocks = gone.length;
    for (const [first, end] of [...stored.blocks.ranges()]) {
      for (let block = first; block < end && !this.#isClosed; block++) {
        if (!stored.blocks.has(block)) continue;
        heldBlocks++;
        const sha256 = await stored.hashAgain(block);
        if (sha256 === blockHashes[block]) continue;
        differingBlocks++;
        if (differences.length < maximumListedDifferences) differences.push({ block, sha256 });
      }
    }
    return { blockCount: blockHashes.length, heldBlocks, differingBlocks, differences };
  }
}
