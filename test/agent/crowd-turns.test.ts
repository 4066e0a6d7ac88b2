import { describe, expect, it } from 'vitest';
import { CrowdRing } from '../../shared/agent/crowd-ring.ts';
import { CrowdTurns } from '../../shared/agent/crowd-turns.ts';
import type { AgentId } from '../../shared/base/ids.ts';

const crowd = Array.from({ length: 40 }, (_, number) => number.toString(16).padStart(32, '0') as AgentId);
const othersOf = (agent: AgentId) => crowd.filter((other) => other !== agent);

/** Turns of an agent that knows of so many holders, nobody's giver among them unless it is named. */
function turnsOf(agent: AgentId, holders: number, others: readonly AgentId[] = othersOf(agent), named: AgentId[] = []) {
  return new CrowdTurns(agent, {
    followers: () => others,
    holdersOf: () => holders,
    holds: (peer) => named.includes(peer),
  });
}

function ringOf(agent: AgentId): CrowdRing {
  const ring = new CrowdRing(agent);
  ring.follow(othersOf(agent));
  return ring;
}

/** Who of the crowd asks, where all know the same. */
function asking(block: number, holders: number): AgentId[] {
  return crowd.filter((agent) => turnsOf(agent, holders).mayAsk(block, 0));
}

describe('ring of a crowd', () => {
  it('gives everybody one place for each block', () => {
    for (const block of [0, 1, 7, 130]) {
      const places = crowd.map((agent) => ringOf(agent).placeFor(block));
      expect([...places].sort((a, b) => a - b)).toEqual(crowd.map((_, place) => place));
    }
  });

  it('passes each block to everybody once, from the first three on', () => {
    for (const block of [0, 1, 7, 130]) {
      const first = crowd.filter((agent) => ringOf(agent).placeFor(block) < 3);
      const reached = [...first];
      for (const agent of reached) reached.push(...ringOf(agent).takersOf(block));
      expect(reached).toHaveLength(crowd.length);
      expect(new Set(reached).size).toBe(crowd.length);
    }
  });

  it('has the same givers and takers', () => {
    for (const agent of crowd) {
      for (const taker of ringOf(agent).takersOf(9)) expect(ringOf(taker).giverOf(9)).toBe(agent);
      if (ringOf(agent).placeFor(9) < 3) expect(ringOf(agent).giverOf(9)).toBeNull();
    }
  });
});

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
    for (const agent of crowd.slice(7)) expect(turnsOf(agent, 1, few).mayAsk(0, 0)).toBe(true);
  });

  it('lets those ask who know that their giver has the block', () => {
    const last = crowd.find((agent) => ringOf(agent).placeFor(0) === 39) ?? ('' as AgentId);
    const giver = ringOf(last).giverOf(0) ?? ('' as AgentId);
    expect(turnsOf(last, 1).mayAsk(0, 0)).toBe(false);
    expect(turnsOf(last, 1, othersOf(last), [giver]).mayAsk(0, 0)).toBe(true);
  });

  it('lets the others ask all the same, a few at a time', () => {
    const endsMs: number[] = [];
    for (const agent of crowd) {
      const turns = turnsOf(agent, 1);
      if (turns.mayAsk(0, 100)) continue;
      const untilMs = turns.nextEndMs(100);
      endsMs.push(untilMs);
      expect(turns.mayAsk(0, untilMs - 1)).toBe(false);
      expect(turns.mayAsk(0, untilMs)).toBe(true);
    }
    expect(endsMs).toHaveLength(37);
    expect(Math.min(...endsMs)).toBe(600);
    // Three in each half second, and nobody later than after five seconds.
    for (let fromMs = 600; fromMs < 5000; fromMs += 500) {
      expect(endsMs.filter((endMs) => endMs >= fromMs && endMs < fromMs + 500)).toHaveLength(3);
    }
    expect(Math.max(...endsMs)).toBe(5100);
  });

  it('lets three of a crowd ask a Package Server for a block that no peer holds, and three more after each pause', () => {
    const turns = crowd.map((agent) => turnsOf(agent, 0));
    const asked = (nowMs: number) => turns.filter((own) => own.mayAskServer(3, nowMs)).length;
    expect(asked(0)).toBe(3);
    expect(asked(19_999)).toBe(3);
    expect(asked(20_000)).toBe(6);
    expect(asked(120_000)).toBe(40);
  });
});
