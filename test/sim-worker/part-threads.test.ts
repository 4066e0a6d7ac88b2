import path from 'node:path';
import { expect, it } from 'vitest';
import { runInThreads } from '../../electron/sim-worker/part-threads.ts';
import { threadPlanOf } from '../../electron/sim-worker/thread-plan.ts';
import type { SimulationProgress, SimulationRequest } from '../../shared/contracts/simulation.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../shared/contracts/simulation.ts';
import { RolloutRun } from '../../shared/sim/rollout/rollout-run.ts';

const workerFile = path.resolve('electron/sim-worker/sim-worker.ts');

function request(agents: number, more: Partial<SimulationRequest> = {}): SimulationRequest {
  const organisation = { ...defaultGeneratedOrganisation, agents, sites: 12, regions: 3 };
  return { ...defaultSimulationRequest, organisation, packageMebibytes: 4, ...more };
}

function threads(more: Partial<Parameters<typeof runInThreads>[0]>): Parameters<typeof runInThreads>[0] {
  const interrupt = new AbortController().signal;
  return {
    request: request(120),
    threads: 2,
    workerFile,
    heapMib: 256,
    onProgress: () => undefined,
    interrupt,
    ...more,
  };
}

it.each([1, 2, 8])('say the same as one thread that simulates everything: %i', async (count) => {
  const here = new RolloutRun(request(120));
  while (!here.isDone) here.runFor(100_000);
  const told: SimulationProgress[] = [];
  const result = await runInThreads(threads({ threads: count, onProgress: (progress) => told.push(progress) }));
  expect(result).toEqual(here.result());
  expect(told.at(-1)).toMatchObject({ ready: 120, agents: 120, events: result.events });
});

it('end at once when they are interrupted, before they began and while they run', async () => {
  const controller = new AbortController();
  const slow = request(3000, { packageMebibytes: 1000 });
  const running = runInThreads(
    threads({ request: slow, interrupt: controller.signal, onProgress: () => controller.abort(new Error('enough')) }),
  );
  await expect(running).rejects.toThrow('enough');
  await expect(runInThreads(threads({ interrupt: AbortSignal.abort(new Error('never')) }))).rejects.toThrow('never');
});

it('say so where a thread fails or has not enough memory', async () => {
  await expect(runInThreads(threads({ workerFile: path.resolve('nowhere.ts') }))).rejects.toThrow('nowhere.ts');
  await expect(runInThreads(threads({ workerFile: path.resolve('vitest.config.ts') }))).rejects.toThrow();
  const large = threads({ request: request(4000), heapMib: 32 });
  await expect(runInThreads(large)).rejects.toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
});

it('are as many as the computer can have and the work is worth', () => {
  const means = { processors: 8, availableMib: 16_000 };
  const wholeOrganisation = request(54_000);
  // Three parts of 18,000.
  const { threads: most, heapMib } = threadPlanOf(wholeOrganisation, null, means);
  expect(most).toBe(3);
  expect(heapMib).toBeGreaterThan((18_000 * 100) / 1024);
  const count = (of: SimulationRequest, wanted: number | null, more: Partial<typeof means> = {}) =>
    threadPlanOf(of, wanted, { ...means, ...more }).threads;
  expect(count(wholeOrganisation, null, { processors: 2 })).toBe(2);
  expect(count(wholeOrganisation, null, { availableMib: 2 * heapMib })).toBe(2);
  expect(count(wholeOrganisation, null, { availableMib: 100 })).toBe(1);
  expect(count(wholeOrganisation, 2)).toBe(2);
  expect(count(wholeOrganisation, 60)).toBe(3);
  expect(count(request(900), null)).toBe(1);
  expect(count(request(900), 2)).toBe(2);
  // Somebody has to know all parts at the moment when enough are ready.
  expect(count({ ...wholeOrganisation, untilPerThousand: 980 }, 4)).toBe(1);
});
