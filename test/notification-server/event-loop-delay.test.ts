import { expect, it, vi } from 'vitest';
import { type DelayHistogram, EventLoopDelay } from '../../electron/notification-server/operation/event-loop-delay.ts';

const blockedMs = 80;

async function measured(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 15));
}

it('tells how long the process kept what was due waiting', async () => {
  let nowMs = 0;
  const delay = new EventLoopDelay(() => nowMs);
  delay.start();
  await measured();
  const endMs = performance.now() + blockedMs;
  while (performance.now() < endMs);
  await measured();
  nowMs = 7_000;
  const { overSeconds, p50Ms, maxMs } = delay.recent();
  expect(overSeconds).toBe(7);
  expect(maxMs).toBeGreaterThan(blockedMs - 15);
  expect(p50Ms).toBeLessThan(maxMs);
  expect(delay.takeP99Seconds()).toBeGreaterThan((blockedMs - 15) / 1000);
  delay.stop();
});

it('forgets what is older than a minute, always knows the last half of one, and counts no interval of its own', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let nowMs = 0;
  const histograms: (DelayHistogram & { max: number })[] = [];
  const delay = new EventLoopDelay(
    () => nowMs,
    () => {
      const histogram = {
        count: 1,
        max: 10e6,
        percentile: () => histogram.max,
        enable: () => true,
        disable: () => true,
        reset: () => Object.assign(histogram, { max: 10e6 }),
      };
      histograms.push(histogram);
      return histogram;
    },
  );
  const pass = (ms: number) => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  delay.start();
  expect(delay.recent()).toEqual({ overSeconds: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  for (const histogram of histograms) histogram.max = 90e6;
  pass(29_000);
  expect(delay.recent()).toMatchObject({ overSeconds: 29, maxMs: 80 });
  pass(1_000);
  expect(delay.recent()).toMatchObject({ overSeconds: 30, maxMs: 80 });
  pass(29_000);
  expect(delay.recent()).toMatchObject({ overSeconds: 59, maxMs: 80 });
  pass(1_000);
  expect(delay.recent()).toMatchObject({ overSeconds: 30, maxMs: 0 });
  delay.stop();
  vi.useRealTimers();
});
