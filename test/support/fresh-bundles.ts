/** Vitest global setup: tests that start processes start what is in dist/, so it has to be what the sources say. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { staleBundles } from '../../build/bundles.mjs';

const root = path.resolve(import.meta.dirname, '../..');

export function setup(): void {
  if (staleBundles(root).length === 0) return;
  execFileSync(process.execPath, [path.join(root, 'build/build.ts')], { cwd: root, stdio: 'inherit' });
}
