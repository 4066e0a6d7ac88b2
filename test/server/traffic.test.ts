import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PeerTrafficLedger } from '../../shared/server/peer-traffic-ledger.ts';
import { TrafficRing } from '../../shared/server/traffic-ring.ts';

function peerSum(ring: TrafficRing, nowMs: number): number {
  return ring.points(nowMs).reduce((sum, point) => sum + point.peerBytes, 0);
}

describe('the traffic ring', () => {
  test('has a point for every second, quiet ones as zero, the newest last', () => {
    const ring = new TrafficRing(5, 10_000);
    ring.addDirect(10_500, 7);
    ring.addPeer(12_000, 9);
    expect(ring.points(13_999)).toEqual([
      { atMs: 10_000, directBytes: 7, peerBytes: 0 },
      { atMs: 11_000, directBytes: 0, peerBytes: 0 },
      { atMs: 12_000, directBytes: 0, peerBytes: 9 },
      { atMs: 13_000, directBytes: 0, peerBytes: 0 },
    ]);
  });

  test('forgets what is older than its length, also after a long pause', () => {
    const ring = new TrafficRing(5, 0);
    ring.addDirect(0, 100);
    ring.addDirect(3_000, 1);
    expect(ring.points(5_000).map(({ directBytes }) => directBytes)).toEqual([0, 0, 1, 0, 0]);
    expect(ring.points(1_000_000).map(({ directBytes }) => directBytes)).toEqual([0, 0, 0, 0, 0]);
    ring.addDirect(1_000, 5);
    expect(ring.points(1_000_000).every(({ directBytes }) => directBytes === 0)).toBe(true);
  });

  test('spreads bytes without losing one', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.nat({ max: 100_000 }), fc.nat(), (fromMs, lengthMs, bytes) => {
        const ring = new TrafficRing(900, 0);
        ring.spreadPeer(fromMs, fromMs + lengthMs, bytes);
        expect(peerSum(ring, fromMs + lengthMs)).toBe(bytes);
      }),
    );
  });
});

describe('peer bytes', () => {
  const boot = 1;
  test('told live and then as an event are shown once, and the total does not jump', () => {
    const ring = new TrafficRing(900, 0);
    const ledger = new PeerTrafficLedger<string>(ring);
    ledger.bootStarted('a', boot, 0);
    ledger.liveReported('a', boot, 700, 1_000);
    expect([peerSum(ring, 1_000), ledger.unstoredBytes()]).toEqual([700, 700]);
    ledger.eventStored('a', 1_000, 2_000);
    expect([peerSum(ring, 2_000), ledger.unstoredBytes()]).toEqual([1_000, 0]);
    ledger.liveReported('a', boot, 1_000, 3_000);
    expect([peerSum(ring, 3_000), ledger.unstoredBytes()]).toEqual([1_000, 0]);
    ledger.liveReported('a', boot, 1_200, 4_000);
    expect([peerSum(ring, 4_000), ledger.unstoredBytes()]).toEqual([1_200, 200]);
  });

  test('of events without an audience are spread over the time since the last', () => {
    const ring = new TrafficRing(900, 0);
    const ledger = new PeerTrafficLedger<string>(ring);
    ledger.bootStarted('a', boot, 0);
    ledger.eventStored('a', 400, 3_000);
    expect(ring.points(3_000).map(({ peerBytes }) => peerBytes)).toEqual([100, 100, 100, 100]);
  });

  test('from before the server listened are not shown again by the first live report', () => {
    const ring = new TrafficRing(900, 0);
    const ledger = new PeerTrafficLedger<string>(ring);
    ledger.liveReported('a', boot, 1_000_000, 0);
    ledger.liveReported('a', boot, 1_000_500, 1_000);
    expect(peerSum(ring, 1_000)).toBe(500);
  });

  test('are shown exactly once, in whatever order live reports and events arrive', () => {
    const step = fc.record({ grown: fc.nat({ max: 1000 }), live: fc.boolean(), event: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ring = new TrafficRing(900, 0);
        const ledger = new PeerTrafficLedger<string>(ring);
        ledger.bootStarted('a', boot, 0);
        let received = 0;
        let stored = 0;
        let told = 0;
        steps.forEach(({ grown, live, event }, second) => {
          received += grown;
          if (live) {
            ledger.liveReported('a', boot, received, second * 1000);
            told = received;
          }
          if (event) {
            ledger.eventStored('a', received - stored, second * 1000);
            stored = received;
            told = received;
          }
          expect(peerSum(ring, second * 1000)).toBe(told);
          expect(stored + ledger.unstoredBytes()).toBe(told);
        });
      }),
    );
  });

  test('that a crash left untold are given up with the boot', () => {
    const ring = new TrafficRing(900, 0);
    const ledger = new PeerTrafficLedger<string>(ring);
    ledger.bootStarted('a', 1, 0);
    ledger.liveReported('a', 1, 500, 1_000);
    ledger.bootStarted('a', 2, 2_000);
    expect(ledger.unstoredBytesOf('a')).toBe(0);
    ledger.liveReported('a', 2, 30, 3_000);
    expect(ledger.unstoredBytesOf('a')).toBe(30);
  });
});
