import { describe, expect, it } from 'vitest';
import { PeerTrust } from '../../shared/agent/peer-trust.ts';
import { Swarm } from '../../shared/agent/swarm.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId } from '../../shared/base/ids.ts';

const peer = 'ab'.repeat(16) as AgentId;
const hourMs = 60 * 60 * 1000;

describe('trust in peers', () => {
  it('ends with the third bad block, and comes back a day after the last one', () => {
    const trust = new PeerTrust();
    expect([1, 2, 3].map((nowMs) => trust.noteBadBlock(peer, nowMs).isBanned)).toEqual([false, false, true]);
    expect(trust.isBanned(peer, 3 + 24 * hourMs - 1)).toBe(true);
    expect(trust.isBanned(peer, 3 + 24 * hourMs)).toBe(false);
    // It starts anew then: once more is not the fourth time.
    expect(trust.noteBadBlock(peer, 3 + 25 * hourMs)).toEqual({ badBlocks: 1, isBanned: false });
  });

  it('does not count bad blocks that lie more than a day apart', () => {
    const trust = new PeerTrust();
    for (let day = 0; day < 10; day++) expect(trust.noteBadBlock(peer, day * 25 * hourMs).isBanned).toBe(false);
  });

  it('has room for so many offenders, and forgets the one whose offence is oldest', () => {
    const trust = new PeerTrust();
    const ids = Array.from({ length: 300 }, (_, index) => index.toString(16).padStart(32, '0') as AgentId);
    for (const id of ids) for (const nowMs of [1, 2, 3]) trust.noteBadBlock(id, nowMs);
    expect(ids.filter((id) => trust.isBanned(id, 4))).toEqual(ids.slice(-256));
  });

  it('is not there for revoked agents, and back when the list no longer names them', () => {
    const trust = new PeerTrust();
    trust.setRevoked([peer]);
    expect(trust.isRevoked(peer)).toBe(true);
    trust.setRevoked([]);
    expect(trust.isRevoked(peer)).toBe(false);
  });
});

describe('a swarm that distrusts a peer', () => {
  it('takes nobody’s word on what it holds or wants', () => {
    const swarm = new Swarm(4);
    swarm.setMap(peer, BlockSet.fromRanges(4, [[0, 2]]), 1);
    swarm.noteWanted(peer, 0);
    swarm.distrust(peer);
    expect(swarm.setMap(peer, BlockSet.full(4), 9)).toBe(false);
    swarm.addLead(peer, 3);
    swarm.noteWanted(peer, 1);
    expect([swarm.holders(), swarm.followers(), swarm.holdersOf(0), swarm.holdersOf(3)]).toEqual([[], [], 0, 0]);
  });
});
