import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowNetwork } from '../../shared/sim/flow-network.ts';
import { maxMinRates, SharingLink } from '../../shared/sim/max-min-sharing.ts';
import { VirtualTime } from '../../shared/sim/virtual-time.ts';
import { holds } from '../helpers/properties.ts';

const linkCount = 6;
const networks = fc.record({
  capacities: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: linkCount, maxLength: linkCount }),
  flows: fc.array(
    fc.record({
      links: fc.uniqueArray(fc.nat(linkCount - 1), { minLength: 1, maxLength: 3 }),
      capBytesPerSecond: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 500 })),
    }),
    { minLength: 1, maxLength: 25 },
  ),
});

function flowNetwork(): { time: VirtualTime; flows: FlowNetwork } {
  const time = new VirtualTime();
  return { time, flows: new FlowNetwork(time, 0, () => undefined) };
}

describe('shared links', () => {
  it('are never overfilled, and every flow is held back by its own limit or by a full link on which none gets more', () => {
    holds(
      fc.property(networks, ({ capacities, flows }) => {
        const shared = capacities.map((capacity) => new SharingLink(capacity));
        const rates = maxMinRates(
          flows.map(({ links, capBytesPerSecond }) => ({
            path: links.flatMap((link) => shared[link] ?? []),
            capBytesPerSecond,
          })),
        );
        const loads = capacities.map((_, link) =>
          flows.reduce((load, flow, index) => load + (flow.links.includes(link) ? (rates[index] ?? 0) : 0), 0),
        );
        loads.forEach((load, link) => {
          expect(load).toBeLessThanOrEqual((capacities[link] ?? 0) * (1 + 1e-9));
        });
        flows.forEach((flow, index) => {
          const rate = rates[index] ?? 0;
          expect(rate).toBeLessThanOrEqual(flow.capBytesPerSecond);
          const isAtCap = rate === flow.capBytesPerSecond;
          const isBottled = flow.links.some((link) => {
            const isFull = (loads[link] ?? 0) >= (capacities[link] ?? 0) * (1 - 1e-9);
            const most = Math.max(...flows.map((other, at) => (other.links.includes(link) ? (rates[at] ?? 0) : 0)));
            return isFull && rate >= most * (1 - 1e-9);
          });
          expect(isAtCap || isBottled, `flow ${index} could be faster`).toBe(true);
        });
      }),
    );
  });

  it('carry two flows at half the rate each, and the one that is left at the full rate', () => {
    const { time, flows } = flowNetwork();
    const link = flows.addLink(1000);
    const done: string[] = [];
    flows.start([link], 1000, Number.POSITIVE_INFINITY, () => done.push(`short at ${time.nowUs}`));
    flows.start([link], 2000, Number.POSITIVE_INFINITY, () => done.push(`long at ${time.nowUs}`));
    time.runUntil(10_000_000);
    expect(done).toEqual(['short at 2000000', 'long at 3000000']);
  });

  it('carry every byte that was started, whatever comes and goes meanwhile', () => {
    const changes = fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 5000 }),
        bytes: fc.integer({ min: 1, max: 5000 }),
        cap: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 10, max: 2000 })),
        links: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }),
        stopAfterMs: fc.option(fc.integer({ min: 0, max: 3000 }), { freq: 3 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    holds(
      fc.property(changes, (planned) => {
        const { time, flows } = flowNetwork();
        const links = [flows.addLink(700), flows.addLink(1000), flows.addLink(Number.POSITIVE_INFINITY)];
        let ended = 0;
        for (const { atMs, bytes, cap, links: crossed, stopAfterMs } of planned) {
          time.at(atMs * 1000, () => {
            const startedUs = time.nowUs;
            let isDone = false;
            const path = crossed.map((link) => links[link] ?? 0);
            const flow = flows.start(path, bytes, cap, () => {
              isDone = true;
              ended++;
              expect(flows.sentBytes(flow)).toBe(bytes);
              const fastest = Math.min(cap, crossed.includes(0) ? 700 : 1e12, crossed.includes(1) ? 1000 : 1e12);
              expect(time.nowUs - startedUs).toBeGreaterThanOrEqual((bytes / fastest) * 1e6 - 1);
            });
            if (stopAfterMs === null) return;
            time.after(stopAfterMs * 1000, () => {
              if (isDone) return;
              ended++;
              expect(flows.stop(flow)).toBeLessThanOrEqual(bytes);
            });
          });
        }
        time.runUntil(3_600_000_000);
        expect(ended).toBe(planned.length);
      }),
      150,
    );
  });

  it('let a flow stand still at a limit of nothing, and go on from there', () => {
    const { time, flows } = flowNetwork();
    const link = flows.addLink(1000);
    let doneAtUs = 0;
    const flow = flows.start([link], 1000, Number.POSITIVE_INFINITY, () => {
      doneAtUs = time.nowUs;
    });
    time.runUntil(400_000);
    flows.setCap(flow, 0);
    time.runUntil(5_000_000);
    expect(flows.sentBytes(flow)).toBe(400);
    expect(flows.lastMovedUs(flow)).toBe(400_000);
    flows.setCap(flow, 600);
    time.runUntil(10_000_000);
    expect(doneAtUs).toBe(6_000_000);
  });
});
