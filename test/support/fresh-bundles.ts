/** Vitest global setup: tests that start processes start what is in dist/, so it has to be what the sources say. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { staleBundles } from '../../build/bundles.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** @param names all bundles by default */
export function buildStaleBundles(names?: readonly string[]): void {
  const stale = staleBundles(root, names).map((bundle) => bundle.name);
  if (stale.length === 0) return;
  execFileSync(process.execPath, [path.join(root, 'build/build.ts'), ...stale], { cwd: root, stdio: 'inherit' });
}

export function setup(): void {
  buildStaleBundles();
}
