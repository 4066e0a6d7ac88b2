import path from 'node:path';
import { expect, it } from 'vitest';
import { nextBound, runOne, runRounds } from '../../electron/sim-worker/simulation-rounds.ts';
import { runWhole } from '../../electron/sim-worker/whole-simulations.ts';
import type { SimulationRequest } from '../../shared/contracts/simulation.ts';
import { defaultGeneratedOrganisation, defaultSimulationRequest } from '../../shared/contracts/simulation.ts';
import type { SimulationJobProgress } from '../../shared/contracts/simulations-api.ts';

function request(more: Partial<SimulationRequest> = {}): SimulationRequest {
  const organisation = { ...defaultGeneratedOrganisation, agents: 80, sites: 20, regions: 2 };
  return { ...defaultSimulationRequest, organisation, packageMebibytes: 2, ...more };
}

/** A clock that goes on by `stepMs` each time somebody looks at it. */
function ports(stepMs: number) {
  const told: SimulationJobProgress[] = [];
  let nowMs = 0;
  return {
    told,
    nowMs: () => {
      nowMs += stepMs;
      return nowMs;
    },
    rssMib: () => 100,
    onProgress: (progress: SimulationJobProgress) => {
      told.push(progress);
    },
  };
}

it('finishes the first sample even where its time is over, so that there is a result', () => {
  const slow = ports(60_000);
  const [result] = runRounds([request()], 5, slow);
  expect(result).toMatchObject({ sampledFrom: 80 });
  expect(result?.ready).toBe(result?.agents);
  expect(result?.agents).toBeLessThanOrEqual(40);
});

it('takes larger samples while there is time, the same for each policy', () => {
  const fast = ports(0.1);
  const results = runRounds([request(), request()], 60, fast);
  expect(results).toHaveLength(2);
  expect(results[0]?.agents).toBeGreaterThan(40);
  expect(results[1]?.traceHash).toBe(results[0]?.traceHash);
  expect(Math.max(...fast.told.map(({ round }) => round))).toBeGreaterThan(1);
});

it.each([1, 4])(
  'simulates everybody where time is not limited, and tells how far it is at most four times a second: %i',
  async (processors) => {
    const steady = ports(100);
    const large = request({
      organisation: { ...defaultGeneratedOrganisation, agents: 2000, sites: 20, regions: 2 },
      packageMebibytes: 1,
    });
    const results = await runWhole([large, request()], {
      ...steady,
      means: { processors, availableMib: 16_000 },
      workerFile: path.resolve('electron/sim-worker/sim-worker.ts'),
    });
    const [first, second] = results;
    expect(first).toMatchObject({ agents: 2000, ready: 2000, sampledFrom: null, peakRssMib: 100 });
    expect(second).toMatchObject({ agents: 80, ready: 80, sampledFrom: null });
    expect(new Set(steady.told.map(({ variant }) => variant))).toEqual(new Set([0, 1]));
    expect(steady.told.length).toBeLessThanOrEqual(
      4 + results.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0) * 4,
    );
  },
);

it('plans the next sample by what the one before cost', () => {
  const result = runOne(request({ agentBound: 40 }), { variant: 0, round: 1 }, ports(1));
  const results = [{ ...result, agents: 40, sampledFrom: 80 }];
  expect(nextBound(results, { tookMs: 1000, leftMs: 8000, largest: 5000 })).toBe(160);
  expect(nextBound(results, { tookMs: 1000, leftMs: 8000, largest: 100 })).toBe(100);
  expect(nextBound(results, { tookMs: 1, leftMs: 8000, largest: 5000 })).toBe(320);
  expect(nextBound(results, { tookMs: 1000, leftMs: 2000, largest: 5000 })).toBeNull();
  expect(nextBound([{ ...result, sampledFrom: null }], { tookMs: 1, leftMs: 8000, largest: 5000 })).toBeNull();
});
