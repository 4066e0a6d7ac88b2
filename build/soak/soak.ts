/**
 * `npm run soak -- NAME`: a campaign at its full size, of which `npm test` runs a share. Prints `{name, count, seed, failures,
 * commit}` and writes it to `.cache/soak/NAME.json`. Without a name it says which there are.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commitOfCheckout, pinnedNode, root, scriptOf, seedOfCommit } from '../bootstrap/checkout.mjs';
import { campaigns } from './campaigns.ts';

const name = process.argv[2];
const campaign = name === undefined ? undefined : campaigns[name];
if (name === undefined || campaign === undefined) {
  for (const [known, { what }] of Object.entries(campaigns)) console.log(`npm run soak -- ${known.padEnd(10)} ${what}`);
  process.exit(name === undefined ? 0 : 2);
}

const folder = path.join(root, '.cache/soak');
const countsFile = path.join(folder, `${name}.counts.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(countsFile, JSON.stringify({ passed: 0, failed: 0 }));
const commit = commitOfCheckout();
const seed = process.env.FANOUT_SEED ?? String(seedOfCommit(commit));
const reporters = ['--reporter=default', `--reporter=${path.join(root, 'build/counting-reporter.ts')}`];
const run = spawnSync(
  pinnedNode,
  [scriptOf('vitest'), 'run', '--project', campaign.project, ...reporters, ...campaign.files],
  {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...campaign.environment, FANOUT_SEED: seed, FANOUT_TEST_COUNTS: countsFile },
  },
);
const counts = JSON.parse(readFileSync(countsFile, 'utf8')) as { passed: number; failed: number };
// A runner that ends badly without a failed test (a crash, a signal) has failed all the same.
const failures = run.status === 0 ? counts.failed : Math.max(1, counts.failed);
const result = JSON.stringify({ name, count: counts.passed + failures, seed, failures, commit });
writeFileSync(path.join(folder, `${name}.json`), `${result}\n`);
console.log(result);
process.exitCode = failures > 0 || counts.passed === 0 ? 1 : 0;
