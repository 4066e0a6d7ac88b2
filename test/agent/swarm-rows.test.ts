import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Swarm } from '../../shared/agent/swarm.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { holds } from '../helpers/properties.ts';

const blockCount = 40;
const peers = Array.from({ length: 9 }, (_, index) => `${index}`.repeat(32) as AgentId);

const words = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('map' as const),
      peer: fc.nat(8),
      blocks: fc.array(fc.nat(blockCount - 1)),
      version: fc.nat(50),
    }),
    fc.record({ kind: fc.constantFrom('lead' as const, 'not-available' as const), peer: fc.nat(8), block: fc.nat(45) }),
    fc.record({
      kind: fc.constantFrom('want' as const, 'rest' as const, 'forget' as const, 'gone' as const),
      peer: fc.nat(8),
    }),
  ),
  { maxLength: 60 },
);

interface Known {
  blocks: Set<number> | null;
  version: number;
  isWanting: boolean;
  isResting: boolean;
}

/* Rows come and go and are used again: against a plain record of each peer. */

it('knows of each peer what a record of its own would say', () => {
  holds(
    fc.property(words, (said) => {
      const swarm = new Swarm(blockCount);
      const model = peers.map((): Known => ({ blocks: null, version: 0, isWanting: false, isResting: false }));
      said.forEach((word, nowMs) => {
        const peer = peers[word.peer] as AgentId;
        const known = model[word.peer] as Known;
        if (word.kind === 'map') {
          const blocks = new BlockSet(blockCount);
          for (const block of word.blocks) blocks.add(block);
          swarm.setMap(peer, blocks, word.version);
          if (known.blocks !== null && word.version < known.version) return;
          known.blocks = new Set(word.blocks);
          known.version = word.version;
          if (blocks.isFull) known.isWanting = false;
        } else if (word.kind === 'lead') {
          swarm.addLead(peer, word.block);
          if (word.block >= blockCount) return;
          known.version = known.blocks === null ? 0 : known.version;
          known.blocks = new Set([...(known.blocks ?? []), word.block]);
        } else if (word.kind === 'not-available') {
          swarm.removeBlock(peer, word.block);
          if (known.blocks?.delete(word.block) === true) known.version = 0;
        } else if (word.kind === 'want') {
          swarm.noteWanted(peer, nowMs);
          if (known.blocks?.size === blockCount) return;
          known.isWanting = true;
          known.isResting = false;
        } else if (word.kind === 'rest') {
          swarm.setResting(peer, true);
          known.isWanting = false;
          known.isResting = true;
        } else if (word.kind === 'forget') {
          swarm.forgetMap(peer);
          known.blocks = null;
        } else {
          swarm.remove(peer);
          Object.assign(known, { blocks: null, isWanting: false, isResting: false });
        }
      });
      const holding = (block: number) => model.filter(({ blocks }) => blocks?.has(block)).length;
      for (let block = 0; block < blockCount; block++) expect(swarm.holdersOf(block)).toBe(holding(block));
      expect(swarm.held.count).toBe(Array.from({ length: blockCount }, (_, block) => block).filter(holding).length);
      expect(swarm.followers()).toEqual(peers.filter((_, index) => model[index]?.isWanting));
      expect(swarm.followerCount).toBe(swarm.followers().length);
      expect(swarm.holders()).toEqual(peers.filter((_, index) => (model[index]?.blocks?.size ?? 0) > 0));
      const here = new BlockSet(blockCount);
      here.addRange([0, 20]);
      const requested = new BlockSet(blockCount);
      requested.addRange([30, 40]);
      peers.forEach((peer, index) => {
        const blocks = [...(model[index]?.blocks ?? [])];
        expect(swarm.hasMapOf(peer)).toBe(model[index]?.blocks !== null);
        expect(swarm.countOf(peer)).toBe(blocks.length);
        expect(swarm.isResting(peer)).toBe(model[index]?.isResting);
        expect(swarm.holdsAll(peer, here)).toBe(blocks.filter((block) => block < 20).length === 20);
        expect(swarm.holdsOther(peer, here)).toBe(blocks.some((block) => block >= 20));
        expect(swarm.holdsBeyond(peer, here, requested)).toBe(blocks.some((block) => block >= 20 && block < 30));
        for (const block of [0, 31, 32, 39]) expect(swarm.holds(peer, block)).toBe(blocks.includes(block));
      });
    }),
  );
});
