import { expect, it } from 'vitest';
import { answersWant } from '../../shared/agent/holder-words.ts';
import { Swarm } from '../../shared/agent/swarm.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';

const key = 'cd'.repeat(20) as PackageKey;
const idOf = (number: number) => number.toString(16).padStart(32, '0') as AgentId;

/** How many of so many holders, that all know of each other, answer one want. */
function answersOf(holders: number, seed: number): number {
  let answers = 0;
  for (let own = 0; own < holders; own++) {
    const swarm = new Swarm(4);
    for (let other = 0; other < holders; other++) if (other !== own) swarm.setMap(idOf(other), BlockSet.full(4), 4);
    const context = {
      ownId: idOf(own),
      settings: { peerDownloading: true },
      conditions: { hasSomethingToGive: true },
      holderFinder: { known: () => [] },
      ports: { random: new Xoshiro128(seed * 1000 + own) },
    };
    if (answersWant(context, key, swarm, 'ff'.repeat(16) as AgentId)) answers++;
  }
  return answers;
}

it('lets the first eight of some holders answer, and all of a few', () => {
  expect(answersOf(20, 1)).toBe(8);
  expect(answersOf(5, 1)).toBe(5);
});

it('lets about eight of many holders answer', () => {
  const answers = Array.from({ length: 20 }, (_, seed) => answersOf(100, seed));
  expect(Math.min(...answers)).toBeGreaterThan(0);
  expect(answers.reduce((sum, count) => sum + count, 0) / 20).toBeGreaterThan(6);
  expect(answers.reduce((sum, count) => sum + count, 0) / 20).toBeLessThan(10);
});
