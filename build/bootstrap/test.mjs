/**
 * `npm test`: brings what is missing, then runs every stage (build/bootstrap/stages.mjs), one line each.
 *
 *   FANOUT_TEST_ONLY=types,unit npm test     only these stages
 *   FANOUT_SEED=1234 npm test                the seed of random tests; by default it comes from the commit
 */
import process from 'node:process';
import { commitOfCheckout, fail, seedOfCommit } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { failureText, runStage } from './stage-run.mjs';
import { stages } from './stages.mjs';

/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

const wanted = process.env.FANOUT_TEST_ONLY?.split(',').map((name) => name.trim());
const unknown = wanted?.filter((name) => !stages.some((stage) => stage.name === name)) ?? [];
if (unknown.length > 0) {
  fail(`no test stage is called ${unknown.join(', ')}; there are ${stages.map((stage) => stage.name).join(', ')}.`);
}

ensureDependencies();
process.env.FANOUT_SEED ??= String(seedOfCommit(commitOfCheckout()));

let passed = 0;
let failed = 0;
let skipped = 0;
/** @type {string[]} */
const reasons = [];

/** @type {Promise<() => void>[]} */
let running = [];
for (const stage of stages) {
  if (wanted === undefined || wanted.includes(stage.name)) running.push(run(stage));
  if (stage.isBesideNext) continue;
  for (const report of await Promise.all(running)) report();
  running = [];
}

if (wanted !== undefined) reasons.push(`everything but ${wanted.join(', ')}: FANOUT_TEST_ONLY is set`);
if (reasons.length > 0) print(`\nSkipped:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
if (failed > 0) print(`\nThe output of every stage is in .cache/test/. Seed: FANOUT_SEED=${process.env.FANOUT_SEED}`);
print(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/**
 * Runs a stage.
 * @param {import('./stages.mjs').Stage} stage
 * @returns {Promise<() => void>} says and counts what came of it
 */
async function run(stage) {
  const title = stage.name.padEnd(10);
  const command = stage.prepare(print);
  if ('missing' in command) {
    const { missing } = command;
    return () => {
      print(`skip  ${title} ${stage.what}: ${missing}`);
      reasons.push(`${stage.name}: ${missing}`);
    };
  }
  const startedMs = Date.now();
  const outcome = await runStage(stage, command);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  return () => report(stage, outcome, seconds);
}

/**
 * @param {import('./stages.mjs').Stage} stage
 * @param {import('./stage-run.mjs').Outcome} outcome
 * @param {string} seconds
 */
function report(stage, outcome, seconds) {
  const stageSkipped = Object.values(outcome.skipped).reduce((sum, count) => sum + count, 0);
  const isEmpty = outcome.passed + outcome.failed + stageSkipped === 0;
  passed += outcome.passed;
  failed += outcome.failed;
  skipped += stageSkipped;
  if (outcome.failed > 0) print(failureText(outcome));
  const tally = [`${outcome.passed} passed`];
  if (outcome.failed > 0) tally.push(`${outcome.failed} failed`);
  if (stageSkipped > 0) tally.push(`${stageSkipped} skipped`);
  const verdict = outcome.failed > 0 ? 'FAIL' : isEmpty ? 'none' : 'ok  ';
  const title = stage.name.padEnd(10);
  print(`${verdict}  ${title} ${stage.what}: ${isEmpty ? 'no test yet' : tally.join(', ')} (${seconds} s)`);
  if (isEmpty) reasons.push(`${stage.name}: it has no test yet`);
  for (const [reason, count] of Object.entries(outcome.skipped)) reasons.push(`${stage.name}: ${count} × ${reason}`);
}
