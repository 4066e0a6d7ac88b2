/** Builds what is stale, on the pinned Node; costs a few milliseconds when nothing is. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { staleBundles } from '../bundles.mjs';
import { fail, pinnedNode, root, say } from './checkout.mjs';

/** Everything but the desktop application. */
export const commandLineBundles = ['cli', 'agent-worker', 'hash-worker', 'sim-worker', 'renderer'];

/** @param {readonly string[]} [names] bundles that are needed; all by default */
export function ensureBundles(names) {
  const stale = staleBundles(root, names).map((bundle) => bundle.name);
  if (stale.length === 0) return;
  say(`Building ${stale.join(', ')} …`);
  const result = spawnSync(pinnedNode, [path.join(root, 'build/build.ts'), ...stale], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('the build failed, see above.');
}
