/**
 * `npm run soak -- NAME [--count N] [--seed N] [--out FILE]`: runs a campaign at full count and writes its result as JSON to
 * standard output and to a file. `--case TEXT` runs one case as a failure has named it. Without a name: which campaigns
 * there are.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { commitOfCheckout, root, seedOfCommit } from '../../build/bootstrap/checkout.mjs';
import { complain, scriptOptions, wholeNumber } from '../../build/script-options.ts';
import { campaigns as labCampaigns } from '../../build/soak/campaigns.ts';
import { campaigns } from './campaigns.ts';
import type { Campaign } from './support/campaign.ts';
import { replayCommand } from './support/campaign.ts';

const { values, positionals } = scriptOptions(import.meta.filename, {
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' }, case: { type: 'string' } },
});
const [name] = positionals;
const campaign = campaigns.find((candidate) => candidate.name === name);

if (name === undefined) list();
else if (name in labCampaigns) process.exitCode = runInLab(name);
else if (campaign === undefined) complain(`No campaign is called ${name}; \`npm run soak\` lists them.`);
else if (values.case === undefined) await runWhole(campaign);
else await replayOne(campaign, values.case);

/** Those are tests of the lab, run by vitest at their full size. */
function runInLab(campaignName: string): number {
  const run = spawnSync(process.execPath, [path.join(root, 'build/soak/soak.ts'), campaignName], { stdio: 'inherit' });
  return run.status ?? 1;
}

function list(): void {
  for (const { name: of, what, fullCount } of campaigns) {
    console.log(`npm run soak -- ${of.padEnd(12)} ${fullCount.toLocaleString('en')} × ${what}`);
  }
  for (const [of, { what }] of Object.entries(labCampaigns)) console.log(`npm run soak -- ${of.padEnd(12)} ${what}`);
}

/** One case that a failure has named. */
async function replayOne({ name: of, replay }: Campaign, text: string): Promise<void> {
  if (replay === undefined) complain(`The campaign ${of} has no cases to be replayed alone; use --seed and --count.`);
  const { failures } = await replay(text);
  console.log(JSON.stringify({ campaign: of, failures }, null, 2));
  process.exitCode = failures.length > 0 ? 1 : 0;
}

async function runWhole(chosen: Campaign): Promise<void> {
  const commit = commitOfCheckout();
  const seed = (values.seed === undefined ? seedOfCommit(commit) : wholeNumber('seed', values.seed, 0)) >>> 0;
  const count = values.count === undefined ? chosen.fullCount : wholeNumber('count', values.count, 1);
  const startedMs = performance.now();
  let saidMs = startedMs;
  const progress = (done: number, note = ''): void => {
    if (performance.now() - saidMs < 10_000) return;
    saidMs = performance.now();
    process.stderr.write(`${chosen.name}: ${done.toLocaleString('en')} of ${count.toLocaleString('en')} ${note}\n`);
  };
  const { failures, figures } = await chosen.run({ count, seed, progress });
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const replay = replayCommand(chosen.name, { seed, count });
  const result = JSON.stringify(
    { campaign: chosen.name, count, seed, failures, commit, seconds, figures, replay },
    null,
    2,
  );
  const file = path.resolve(values.out ?? path.join(root, '.cache/soak', `${chosen.name}.json`));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${result}\n`);
  console.log(result);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
