import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SimulationCase } from '../helpers/random-simulations/simulation-case.ts';
import { problemsOf } from '../helpers/random-simulations/simulation-case.ts';

/** A random network that failed once, as it was. */
function foundCase(name: string): SimulationCase {
  const file = path.join(import.meta.dirname, 'fixtures', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as SimulationCase;
}

describe('what random networks have found', () => {
  it('a claimer that asks the Package Server of its site is not waited for by it', () => {
    expect(problemsOf(foundCase('claimer-waits-for-package-server'))).toEqual([]);
  });
});
