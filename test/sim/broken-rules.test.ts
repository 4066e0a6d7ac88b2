import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import type { BrokenAgent } from '../helpers/random-simulations/broken-agents.ts';
import { brokenAgents } from '../helpers/random-simulations/broken-agents.ts';
import { randomCase } from '../helpers/random-simulations/simulation-case.ts';
import { minuteMs } from '../helpers/simulated-networks.ts';

/** No rule needs more random networks than this to be seen broken. */
const seeds = 50;
/** Small networks in which much goes wrong: most are noticed here, in a tenth of the time. */
const triedFirst = [3, 12, 4, 10, 5, 15, 9, 18, 13, 46, 35, 23, 2];

/** The first random network in which the check notices; null where none of them does. */
function noticedAt({ check, makeAgent }: BrokenAgent): number | null {
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  for (const seed of new Set([...triedFirst, ...all])) {
    const report = simulate({ ...randomCase(seed), untilMs: 5 * minuteMs, makeAgent });
    if (report.violations.some((violation) => violation.check === check)) return seed;
  }
  return null;
}

describe('an agent that is broken on purpose', () => {
  for (const agent of brokenAgents) {
    it(`is noticed within ${seeds} random networks when it ${agent.does}: ${agent.check}`, () => {
      expect(noticedAt(agent)).not.toBeNull();
    });
  }
});
