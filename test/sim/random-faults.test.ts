import { describe, expect, it } from 'vitest';
import { failureOf } from '../helpers/random-simulations/failure-text.ts';
import { randomCase } from '../helpers/random-simulations/simulation-case.ts';
import { forSeeds } from '../helpers/seeds.ts';

describe('whatever goes wrong for three minutes', () => {
  it('ends with every package on every computer, and breaks no rule on the way', () => {
    forSeeds(20, (seed) => {
      const failure = failureOf(randomCase(seed));
      expect(failure === null ? null : `${failure.problem}\n${failure.replay}`).toBeNull();
    });
  });
});
