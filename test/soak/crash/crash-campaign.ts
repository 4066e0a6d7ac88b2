import { Xoshiro128 } from '../../../shared/base/prng.ts';
import type { Campaign } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { CrashStage } from './crash-stage.ts';

/** Kills between two full deliveries, at most: then the package is let arrive. */
const maxKillsOfDelivery = 4;
/** A start and a delivery take about so long: a kill comes at any moment of both, most often in the delivery. */
const latestKillMs = 5000;
/** Requests that one life may have under way to one source (electron/agent-worker/exchange-pool.ts), for two sources. */
const maxConnections = 2 * 8;

/** Kills an agent in the middle of deliveries, and looks at what it has, serves and fetches afterwards. */
export const crashCampaign: Campaign = {
  name: 'crash',
  what: 'kill -9 of an agent worker in the middle of a delivery: nothing unverified, nothing fetched twice, no event twice',
  fullCount: 200,
  shareCount: 5,
  run: async ({ count, seed, progress }) => {
    const random = new Xoshiro128(seed);
    const failures = new Failures();
    const tally = new Tally();
    const stage = await CrashStage.open(failures);
    try {
      while (tally.kills < count && failures.count === 0) {
        await deliverWithKills(
          stage,
          random,
          Math.min(1 + random.below(maxKillsOfDelivery), count - tally.kills),
          tally,
        );
        progress(tally.kills, `${tally.deliveries} deliveries`);
      }
    } catch (error) {
      failures.add(`kill ${tally.kills}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      await stage.close();
    }
    return { failures: failures.texts, figures: { ...tally.figures, events: stage.eventCount } };
  },
};

class Tally {
  kills = 0;
  deliveries = 0;
  /** Kills that found a package half there. */
  midway = 0;
  blocksHeldAtKills = 0;
  blocksFetchedAgain = 0;
  mostFetchedAgain = 0;
  blocksReadBack = 0;
  readonly damages: Record<string, number> = {};

  get figures(): Record<string, number> {
    const { kills, deliveries, midway, blocksHeldAtKills, blocksFetchedAgain, mostFetchedAgain, blocksReadBack } = this;
    const damages = Object.entries(this.damages).map(([what, times]): [string, number] => [`damage: ${what}`, times]);
    return {
      kills,
      deliveries,
      midway,
      blocksHeldAtKills,
      blocksFetchedAgain,
      mostFetchedAgainAfterOneKill: mostFetchedAgain,
      blocksReadBack,
      ...Object.fromEntries(damages),
    };
  }
}

async function deliverWithKills(stage: CrashStage, random: Xoshiro128, kills: number, tally: Tally): Promise<void> {
  const subject = await stage.deliver(random);
  tally.deliveries++;
  await stage.startVictim();
  let wasDamaged = false;
  for (let kill = 0; kill < kills; kill++) {
    await stage.waitForBytes(subject.key, random.below(subject.content.length), random.below(latestKillMs));
    await stage.killVictim();
    tally.kills++;
    const held = await stage.checkDisk(subject);
    const before = await stage.servedToVictim(subject.key);
    const isMidway = held.length > 0 && held.length < subject.blockCount;
    if (isMidway) tally.midway++;
    tally.blocksHeldAtKills += held.length;
    const what = await stage.damageVictim(random, subject);
    wasDamaged ||= what !== 'none';
    tally.damages[what] = (tally.damages[what] ?? 0) + 1;
    await stage.startVictim();
    tally.blocksReadBack += await stage.readBack(subject, held, what !== 'none');
    const again = lostOf(before, held);
    tally.blocksFetchedAgain += again.length;
    tally.mostFetchedAgain = Math.max(tally.mostFetchedAgain, again.length);
    if (again.length > maxConnections)
      stage.fail(`${again.length} blocks were lost with ${maxConnections} connections`);
    if (what === 'none') await stage.expectNotFetched(subject.key, held);
  }
  await stage.expectWhole(subject, wasDamaged);
  await stage.retire(subject);
  await stage.killVictim();
}

/** Blocks that were on their way, or here, when the process died, and are not held. */
function lostOf(served: readonly { readonly block: number }[], held: readonly number[]): number[] {
  return [...new Set(served.map(({ block }) => block))].filter((block) => !held.includes(block));
}
