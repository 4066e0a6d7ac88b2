import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The file that a worker process runs: beside the bundle that this code is part of (`dist/<bundle>/`), or the source when
 * it runs from source (Node 24 strips the types).
 */
export function workerEntry(): string {
  const bundled = path.resolve(import.meta.dirname, '../agent-worker/worker-main.mjs');
  return existsSync(bundled) ? bundled : path.resolve(import.meta.dirname, '../agent-worker/worker-main.ts');
}
