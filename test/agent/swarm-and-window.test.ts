import { describe, expect, it } from 'vitest';
import { LaneWindow, laneWindowBlocks, unspreadBlocks } from '../../shared/agent/lane-window.ts';
import { pickRarest } from '../../shared/agent/rarest-first.ts';
import { interestMs, Swarm } from '../../shared/agent/swarm.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const always = () => true;

describe('the swarm of a package', () => {
  it('counts the holders of each block and forgets those of a peer that has gone', () => {
    const swarm = new Swarm(4);
    swarm.setMap(ann, BlockSet.fromRanges(4, [[0, 2]]), 2);
    swarm.setMap(bob, BlockSet.fromRanges(4, [[1, 4]]), 3);
    expect([0, 1, 2, 3].map((block) => swarm.holdersOf(block))).toEqual([1, 2, 1, 1]);
    swarm.prune((peer) => peer === ann, 0);
    expect([0, 1, 2, 3].map((block) => swarm.holdersOf(block))).toEqual([1, 1, 0, 0]);
  });

  it('lets no late notice undo a newer one', () => {
    const swarm = new Swarm(4);
    swarm.setMap(ann, BlockSet.fromRanges(4, [[0, 3]]), 3);
    expect(swarm.setMap(ann, BlockSet.fromRanges(4, [[0, 1]]), 1)).toBe(false);
    expect(swarm.holdersOf(2)).toBe(1);
  });

  it('believes the next map of a peer that denies a block it told of: it has begun anew', () => {
    const swarm = new Swarm(4);
    swarm.setMap(ann, BlockSet.full(4), 4);
    swarm.removeBlock(ann, 2);
    expect(swarm.setMap(ann, BlockSet.fromRanges(4, [[0, 1]]), 1)).toBe(true);
    expect([0, 1, 2, 3].map((block) => swarm.holdersOf(block))).toEqual([1, 0, 0, 0]);
    swarm.noteWanted(ann, 0);
    expect(swarm.followers()).toEqual([ann]);
  });

  it('takes no map of another number of blocks', () => {
    const swarm = new Swarm(4);
    expect(swarm.setMap(ann, BlockSet.full(5), 5)).toBe(false);
    expect(swarm.holders()).toEqual([]);
  });

  it('counts a lead and takes it back when the peer has not got the block', () => {
    const swarm = new Swarm(4);
    swarm.addLead(ann, 2);
    swarm.addLead(ann, 2);
    expect(swarm.holdersOf(2)).toBe(1);
    swarm.removeBlock(ann, 2);
    expect(swarm.holdersOf(2)).toBe(0);
    swarm.addLead(ann, 99);
    expect(swarm.holdersOf(99)).toBe(0);
  });

  it('forgets who wanted the package when nothing more is heard of it', () => {
    const swarm = new Swarm(4);
    swarm.noteWanted(ann, 0);
    swarm.prune(always, interestMs);
    expect(swarm.followers()).toEqual([ann]);
    swarm.prune(always, interestMs + 1);
    expect(swarm.followers()).toEqual([]);
  });

  it('does not call a follower who holds everything', () => {
    const swarm = new Swarm(2);
    swarm.noteWanted(ann, 0);
    swarm.setMap(ann, BlockSet.full(2), 2);
    swarm.noteWanted(ann, 1);
    expect(swarm.followers()).toEqual([]);
  });
});

describe('the window of a lane', () => {
  const full = {
    nowMs: 0,
    blockCount: 60,
    followers: 3,
    unspread: 2,
    inFlight: 0,
    liftAfterMs: 30_000,
    isGiving: () => false,
  };

  it('is two blocks, a thirty-second of a larger package, and never more than 16', () => {
    expect([1, 60, 95, 96, 128, 512, 5000].map(laneWindowBlocks)).toEqual([2, 2, 2, 3, 4, 16, 16]);
  });

  it('counts own blocks that no live peer holds', () => {
    const swarm = new Swarm(4);
    swarm.setMap(ann, BlockSet.fromRanges(4, [[0, 1]]), 1);
    expect(unspreadBlocks(BlockSet.fromRanges(4, [[0, 3]]), swarm)).toBe(2);
  });

  it('leaves room for what is neither held alone nor on its way', () => {
    const window = new LaneWindow();
    expect(window.room({ ...full, unspread: 0, inFlight: 0 })).toBe(2);
    expect(window.room({ ...full, unspread: 1, inFlight: 0 })).toBe(1);
    expect(window.room({ ...full, unspread: 1, inFlight: 1 })).toBe(0);
  });

  it('does not bind a computer that nobody follows', () => {
    expect(new LaneWindow().room({ ...full, followers: 0, unspread: 50 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('lifts when its followers have fetched nothing for the request timeout', () => {
    const window = new LaneWindow();
    expect(window.room(full)).toBe(0);
    expect(window.liftsAtMs(30_000)).toBe(30_000);
    expect(window.room({ ...full, nowMs: 29_999 })).toBe(0);
    expect(window.room({ ...full, nowMs: 30_000 })).toBe(1);
  });

  it('lets block after block through once it has lifted, until a follower fetches', () => {
    const window = new LaneWindow();
    window.room(full);
    expect(window.room({ ...full, nowMs: 30_000 })).toBe(1);
    expect(window.room({ ...full, nowMs: 30_100, inFlight: 1 })).toBe(0);
    expect(window.room({ ...full, nowMs: 31_000, unspread: 3 })).toBe(1);
    window.noteFollowerFetched(31_500);
    expect(window.room({ ...full, nowMs: 32_000, unspread: 4 })).toBe(0);
    expect(window.room({ ...full, nowMs: 61_500, unspread: 4 })).toBe(1);
  });

  it('stays while a follower fetches', () => {
    const window = new LaneWindow();
    window.room(full);
    window.noteFollowerFetched(20_000);
    expect(window.room({ ...full, nowMs: 40_000 })).toBe(0);
    expect(window.room({ ...full, nowMs: 50_000 })).toBe(1);
  });

  it('stays while a copy is on its way to a follower, however long that takes', () => {
    const window = new LaneWindow();
    window.room(full);
    expect(window.room({ ...full, nowMs: 30_000, isGiving: () => true })).toBe(0);
    expect(window.room({ ...full, nowMs: 59_999 })).toBe(0);
    expect(window.room({ ...full, nowMs: 60_000 })).toBe(1);
  });
});

describe('rarest first', () => {
  it('picks a block with the fewest holders', () => {
    const holders = [3, 1, 2, 1, 5];
    const picked = pickRarest(holders.keys(), (block) => holders[block] ?? 0, new Xoshiro128(1));
    expect([1, 3]).toContain(picked);
  });

  it('spreads equal blocks evenly over chance', () => {
    const random = new Xoshiro128(7);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 4000; draw++) {
      const picked = pickRarest([0, 1, 2, 3], () => 1, random) ?? -1;
      counts[picked] = (counts[picked] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('picks nothing from nothing', () => {
    expect(pickRarest([], () => 0, new Xoshiro128(1))).toBeNull();
  });
});
