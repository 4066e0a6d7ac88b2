import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import { brokenAgents } from '../helpers/random-simulations/broken-agents.ts';
import { failureOf } from '../helpers/random-simulations/failure-text.ts';
import type { SimulationCase } from '../helpers/random-simulations/simulation-case.ts';
import { problemsOf, randomCase } from '../helpers/random-simulations/simulation-case.ts';

const makeAgent = brokenAgents.find(({ does }) => does === 'announces everything twice')?.makeAgent;
if (makeAgent === undefined) throw new Error('there is such an agent');
const run = (subject: SimulationCase & { readonly untilMs: number }) => simulate({ ...subject, makeAgent });

describe('a random network that fails', () => {
  const failure = failureOf(randomCase(3), run);

  it('shrinks to the least that still fails in the same way', () => {
    expect(failure?.problem).toMatch(/^speaks-little: /);
    expect(failure?.shrunk).toMatchObject({ plan: { subnets: [{ agents: 1 }] }, faults: [] });
    expect(failure?.shrunk.plan.packages).toHaveLength(1);
    expect(failure?.shrunk.plan.settings ?? {}).toEqual({});
  });

  it('names the command that runs the small one again, which fails as it did', () => {
    const text = /^npm run soak -- sim --case '(.*)'$/.exec(failure?.replay ?? '')?.[1] ?? '';
    const replayed = JSON.parse(text) as SimulationCase;
    expect(replayed).toEqual(failure?.shrunk);
    expect(problemsOf(replayed, run)[0]?.kind).toBe('speaks-little');
    expect(problemsOf(replayed)).toEqual([]);
  });

  it('shrinks to the same each time', () => {
    expect(failureOf(randomCase(3), run)).toEqual(failure);
  });
});
