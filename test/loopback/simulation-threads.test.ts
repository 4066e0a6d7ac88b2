import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { SimulationRequest } from '../../shared/contracts/simulation.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../shared/contracts/simulation.ts';
import type { FromSimWorker, SimulationWork } from '../../shared/contracts/simulations-api.ts';
import { RolloutRun } from '../../shared/sim/rollout/rollout-run.ts';
import { root } from '../support/executables.ts';

/** What a thread is told of the computer: one processor is left to the server, and the parts get the others. */
const fourProcessors = `data:text/javascript,${encodeURIComponent(
  'import os from "node:os"; import { syncBuiltinESMExports } from "node:module";' +
    'os.availableParallelism = () => 4; syncBuiltinESMExports();',
)}`;

const request: SimulationRequest = {
  ...defaultSimulationRequest,
  organisation: { ...defaultGeneratedOrganisation, agents: 2000, sites: 12, regions: 3 },
  packageMebibytes: 1,
};

it('the bundle of the server shares a whole organisation among threads of its own, and ends them with itself', async () => {
  const here = new RolloutRun(request);
  while (!here.isDone) here.runFor(100_000);
  const work: SimulationWork = { requests: [request], maximumWallSeconds: null };
  const worker = new Worker(path.join(root, 'dist/sim-worker/sim-worker.mjs'), {
    workerData: work,
    execArgv: ['--import', fourProcessors],
  });
  const { threadId } = worker;
  const words: FromSimWorker[] = [];
  worker.on('message', (word: FromSimWorker) => words.push(word));
  const exitCode = await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
  expect(exitCode).toBe(0);
  // Threads are numbered in the order in which they begin, whoever starts them.
  const next = new Worker('', { eval: true });
  expect(next.threadId - threadId).toBeGreaterThanOrEqual(3);
  const last = words.at(-1);
  expect(last?.kind === 'done' ? last.results[0] : last).toMatchObject(here.result());
});
