import { existsSync } from 'node:fs';
import path from 'node:path';

/** The built file beside this bundle, or the source when this runs from source. */
export function firstExisting(bundled: string, source: string): string {
  const bundle = path.resolve(import.meta.dirname, bundled);
  return existsSync(bundle) ? bundle : path.resolve(import.meta.dirname, source);
}

/** The thread that simulates. */
export function simWorkerFile(): string {
  return firstExisting('../sim-worker/sim-worker.mjs', '../sim-worker/sim-worker.ts');
}
