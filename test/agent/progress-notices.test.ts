import { expect, it } from 'vitest';
import { CrowdRing } from '../../shared/agent/crowd-ring.ts';
import type { NoticeSituation } from '../../shared/agent/progress-notices.ts';
import { ProgressNotices } from '../../shared/agent/progress-notices.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;

const crowd = Array.from({ length: 40 }, (_, number) => number.toString(16).padStart(32, '0') as AgentId);

function scene(foreignLanes: readonly AgentId[], others: readonly AgentId[] = []) {
  const told: AgentId[] = [];
  const notices = new ProgressNotices(key, 4, { broadcast: () => undefined, tell: (peer) => void told.push(peer) });
  const blocks = new BlockSet(4);
  const ring = new CrowdRing(ann);
  ring.follow(others);
  const having = new Set<AgentId>();
  const situation: NoticeSituation = {
    blocks,
    newestBlock: 0,
    isFetching: true,
    isLane: false,
    isWindowFull: false,
    foreignLanes,
    blockProgressMs: 1000,
    blocksOfPeer: (peer) => (having.has(peer) ? blocks.count : 0),
    hasAllOfOurs: (peer) => having.has(peer),
    holds: (peer) => having.has(peer),
    ring,
  };
  return { ring, notices, blocks, having, step: (nowMs: number) => notices.step(nowMs, situation), told };
}

it('tells its blocks to a peer that asked, and nothing to one that holds them all already', () => {
  const { notices, blocks, having, step, told } = scene([]);
  blocks.add(0);
  having.add(bob);
  notices.noteInterest(ann, 0);
  notices.noteInterest(bob, 0);
  expect(step(0)).toBe(Number.POSITIVE_INFINITY);
  expect(told).toEqual([ann]);
});

it('tells a peer that held everything as soon as this agent holds something else', () => {
  const { notices, blocks, having, step, told } = scene([]);
  blocks.add(0);
  having.add(ann);
  notices.noteInterest(ann, 0);
  step(0);
  expect(told).toEqual([]);
  blocks.add(1);
  having.delete(ann);
  step(10);
  expect(told).toEqual([ann]);
});

it('tells a lane nonetheless: its window opens with the word', () => {
  const { blocks, having, step, told } = scene([bob]);
  blocks.add(0);
  having.add(bob);
  step(0);
  expect(told).toEqual([bob]);
});

it('tells a block of a crowd to the three who are to have it from here, once', () => {
  const { ring, blocks, having, step, told } = scene([], crowd);
  const block = [0, 1, 2, 3].find((candidate) => ring.takersOf(candidate).length === 3) ?? -1;
  const takers = ring.takersOf(block);
  having.add(takers[1] ?? ann);
  blocks.add(block);
  step(0);
  expect(told).toEqual([takers[0], takers[2]]);
  step(5000);
  expect(told).toHaveLength(2);
});

it('tells a crowd of which many ask only some, and them seldom', () => {
  const { notices, blocks, step, told } = scene([], crowd);
  crowd.slice(0, 20).forEach((peer) => {
    notices.noteInterest(peer, 0);
  });
  blocks.add(0);
  step(0);
  expect(told.length).toBeLessThanOrEqual(3);
  told.length = 0;
  step(3000);
  expect(told).toHaveLength(4);
});
