import { describe, expect, it } from 'vitest';
import { commitOfCheckout, seedOfCommit } from '../../../build/bootstrap/checkout.mjs';
import { type Campaign, replayCommand } from './campaign.ts';

const seed = Number(process.env.FANOUT_SEED ?? seedOfCommit(commitOfCheckout())) >>> 0;

/** A test for each: it runs a share of the campaign. */
export function testShareOf(campaigns: readonly Campaign[]): void {
  describe('a share of every campaign, with the commit as seed', () => {
    for (const campaign of campaigns) {
      it(`${campaign.name}: ${campaign.what}`, async () => {
        const count = campaign.shareCount;
        console.log(`seed ${seed}: replay with: ${replayCommand(campaign.name, { seed, count })}`);
        const { failures } = await campaign.run({ count, seed, progress: () => undefined });
        expect(failures).toEqual([]);
      });
    }

    it('is two percent of each at least', () => {
      for (const { name, shareCount, fullCount } of campaigns) {
        expect(shareCount, name).toBeGreaterThanOrEqual(fullCount / 50);
      }
    });
  });
}
