import { expect, it } from 'vitest';
import { niceCeiling, rateSeries } from '../../renderer/stores/traffic-series.ts';

function second(atSeconds: number, directBytes: number, peerBytes: number) {
  return { atMs: atSeconds * 1000, directBytes, peerBytes };
}

it('shows the mean of each step, and of the seconds that the last one has', () => {
  const traffic = [second(100, 10, 0), second(101, 20, 5), second(102, 30, 10), second(105, 7, 1)];
  expect(rateSeries(traffic, 105_000, 60, 5)).toEqual([
    { atMs: 100_000, directBytesPerSecond: 20, peerBytesPerSecond: 5 },
    { atMs: 105_000, directBytesPerSecond: 7, peerBytesPerSecond: 1 },
  ]);
});

it('leaves out what is older than the window', () => {
  expect(rateSeries([second(10, 1, 1), second(100, 2, 2)], 100_000, 60, 1)).toHaveLength(1);
});

it('ends an axis at a round number', () => {
  expect([0, 1, 3, 700, 5_000_001].map(niceCeiling)).toEqual([1, 1, 5, 1000, 10_000_000]);
});
