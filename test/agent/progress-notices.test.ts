import { expect, it } from 'vitest';
import type { NoticeSituation } from '../../shared/agent/progress-notices.ts';
import { ProgressNotices } from '../../shared/agent/progress-notices.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;

function scene(foreignLanes: readonly AgentId[]) {
  const told: AgentId[] = [];
  const notices = new ProgressNotices(key, { broadcast: () => undefined, tell: (peer) => void told.push(peer) });
  const blocks = new BlockSet(4);
  const having = new Set<AgentId>();
  const situation: NoticeSituation = {
    blocks,
    isFetching: true,
    isLane: false,
    isWindowFull: false,
    foreignLanes,
    blockProgressMs: 1000,
    blocksOfPeer: (peer) => (having.has(peer) ? blocks.count : 0),
    hasAllOfOurs: (peer) => having.has(peer),
  };
  return { notices, blocks, having, step: (nowMs: number) => notices.step(nowMs, situation), told };
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
