import { expect, it } from 'vitest';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, expectWanCopies, mebibyte, minuteMs, plainPlan } from '../helpers/simulated-networks.ts';

/** Bytes of whole blocks that agents took from peers, by their own events. */
function peerBytes(report: SimulationReport): number {
  let bytes = 0;
  for (const { event } of report.events) {
    if (event.kind !== 'transferred') continue;
    for (const portion of event.portions) if (portion.source === 'peer') bytes += portion.bytes;
  }
  return bytes;
}

it('does not ask twice for every block where everybody is slow', () => {
  forSeeds(1, (seed) => {
    // What 24 agents on two busy cores see: a block takes far longer than two seconds, at every peer alike.
    const slow = { uploadBytesPerSecond: 500_000, downloadBytesPerSecond: 500_000 };
    const plan = {
      ...plainPlan(1, 24, 16, { ...slow, wanBytesPerSecond: 100_000_000 }),
      network: { rateQuantumUs: 1000 },
    };
    const report = simulate({ seed, plan, untilMs: 60 * minuteMs });
    expectAllReady(report);
    expectWanCopies(report, 1);
    expect(peerBytes(report) / (23 * 16 * mebibyte)).toBeLessThanOrEqual(1.25);
  });
});
