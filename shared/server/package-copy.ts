import type { PackageState } from '../contracts/package-state.ts';

/** What is known of a package on an agent. */
export interface PackageCopy {
  readonly state: PackageState;
  /** That are there, at most `blockCount`. */
  readonly blocks: number;
  readonly blockCount: number;
  /** For `failed` and for what was deleted: a sentence for people. */
  readonly detail: string;
  /** When the agent came to that state. */
  readonly atMs: number;
}

export type CopyEvent = Omit<PackageCopy, 'detail'> &
  (
    | {
        /** An event of the agent, stored for good, in the order in which the agent made them. */
        readonly kind: 'told';
        readonly detail: string;
      }
    | {
        /** A report while somebody looks; it travels on another connection and may come late. */
        readonly kind: 'seen';
      }
  );

/** The newest word counts, but a report never takes back that a package is complete. */
export function reduceCopy(before: PackageCopy | null, event: CopyEvent): PackageCopy {
  const { state, blockCount } = event;
  const blocks = Math.min(event.blocks, blockCount);
  if (event.kind === 'told') {
    return { state, blocks, blockCount, detail: event.detail, atMs: event.atMs };
  }
  if (before?.state === 'ready' && state === 'downloading') return before;
  const isSame = before?.state === state;
  return {
    state,
    blocks,
    blockCount,
    detail: isSame ? before.detail : '',
    atMs: isSame ? before.atMs : event.atMs,
  };
}
