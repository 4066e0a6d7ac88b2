import { describe, expect, it } from 'vitest';
import { CrowdTurns } from '../../shared/agent/crowd-turns.ts';
import type { AgentId } from '../../shared/base/ids.ts';

const crowd = Array.from({ length: 40 }, (_, number) => number.toString(16).padStart(32, '0') as AgentId);
const othersOf = (agent: AgentId) => crowd.filter((other) => other !== agent);

/** Who of the crowd asks, where all know the same. */
function asking(block: number, holders: number): AgentId[] {
  return crowd.filter((agent) => new CrowdTurns(agent).mayAsk(block, holders, othersOf(agent), 0));
}

describe('turns of a crowd', () => {
  it('lets three ask for each holder, whatever the block', () => {
    for (const block of [0, 1, 7, 130]) {
      expect(asking(block, 1)).toHaveLength(3);
      expect(asking(block, 3)).toHaveLength(9);
    }
  });

  it('keeps those who ask when there are more holders, and lets others ask first for another block', () => {
    expect(asking(0, 2)).toEqual(expect.arrayContaining(asking(0, 1)));
    expect(asking(1, 1).some((agent) => asking(0, 1).includes(agent))).toBe(false);
  });

  it('lets everybody ask where there are holders enough, or few that want', () => {
    expect(asking(0, 14)).toHaveLength(40);
    const few = crowd.slice(0, 7);
    for (const agent of crowd.slice(7)) expect(new CrowdTurns(agent).mayAsk(0, 1, few, 0)).toBe(true);
  });

  it('lets the others ask all the same, a few at a time', () => {
    const endsMs: number[] = [];
    for (const agent of crowd) {
      const turns = new CrowdTurns(agent);
      if (turns.mayAsk(0, 1, othersOf(agent), 100)) continue;
      const untilMs = turns.nextEndMs(100);
      endsMs.push(untilMs);
      expect(turns.mayAsk(0, 1, othersOf(agent), untilMs - 1)).toBe(false);
      expect(turns.mayAsk(0, 1, othersOf(agent), untilMs)).toBe(true);
    }
    expect(endsMs).toHaveLength(37);
    expect(Math.min(...endsMs)).toBe(600);
    // Three in each half second, and nobody later than after five seconds.
    for (let fromMs = 600; fromMs < 5000; fromMs += 500) {
      expect(endsMs.filter((endMs) => endMs >= fromMs && endMs < fromMs + 500)).toHaveLength(3);
    }
    expect(Math.max(...endsMs)).toBe(5100);
  });
});
