/** Between the package library and its hash worker. */
export interface HashSource {
  /** Absolute path on this computer. */
  readonly file: string;
  readonly sizeBytes: number;
}

export type ToHashWorker =
  | {
      readonly kind: 'hash';
      readonly jobId: string;
      readonly sources: readonly HashSource[];
      /** Where the content (the sources one after the other) is written to. */
      readonly contentFile: string;
      readonly blockSizeBytes: number;
    }
  | { readonly kind: 'cancel'; readonly jobId: string };

export type FromHashWorker =
  | { readonly kind: 'progress'; readonly jobId: string; readonly doneBytes: number }
  | { readonly kind: 'done'; readonly jobId: string; readonly blockHashes: readonly string[] }
  | { readonly kind: 'cancelled'; readonly jobId: string }
  | { readonly kind: 'failed'; readonly jobId: string; readonly message: string };
