import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../shared/base/token-bucket.ts';
import { holds } from '../helpers/properties.ts';

const steps = fc.array(
  fc.record({ pauseMs: fc.integer({ min: 0, max: 3000 }), bytes: fc.integer({ min: 1, max: 200_000 }) }),
  { minLength: 1, maxLength: 60 },
);

describe('a token bucket', () => {
  it('lets no more pass than its burst and its rate, for whoever waits as told', () => {
    holds(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 500_000 }),
        steps,
        (rate, burst, taken) => {
          const bucket = new TokenBucket(rate, burst, 0);
          let nowMs = 0;
          let passed = 0;
          for (const { pauseMs, bytes } of taken) {
            nowMs += pauseMs;
            nowMs += bucket.take(bytes, nowMs);
            passed += bytes;
            expect(passed).toBeLessThanOrEqual(burst + (rate * nowMs) / 1000 + 1e-3);
          }
        },
      ),
    );
  });

  it('keeps nobody waiting who stays under the rate', () => {
    holds(
      fc.property(fc.integer({ min: 1000, max: 1_000_000 }), steps, (rate, taken) => {
        const bucket = new TokenBucket(rate, 200_000, 0);
        let nowMs = 0;
        for (const { bytes } of taken) {
          nowMs += (bytes / rate) * 1000 + 0.01;
          expect(bucket.take(bytes, nowMs)).toBe(0);
        }
      }),
    );
  });

  it('makes a request beyond the burst wait for what is missing, and remembers the debt', () => {
    const bucket = new TokenBucket(1000, 500, 0);
    expect(bucket.take(1500, 0)).toBe(1000);
    expect(bucket.take(100, 500)).toBe(600);
    expect(bucket.take(100, 2500)).toBe(0);
  });

  it('saves up no more than its burst in a pause', () => {
    const bucket = new TokenBucket(1000, 500, 0);
    expect(bucket.take(600, 3_600_000)).toBe(100);
  });

  it('follows a changed rate from that moment', () => {
    const bucket = new TokenBucket(1000, 0, 0);
    expect(bucket.take(1000, 0)).toBe(1000);
    bucket.setRate(10_000, 0, 500);
    expect(bucket.take(0, 500)).toBe(50);
    bucket.setRate(Number.POSITIVE_INFINITY, 0, 550);
    expect(bucket.take(1e12, 550)).toBe(0);
  });

  it('gives no credit for a clock that went back and came again', () => {
    const bucket = new TokenBucket(1000, 1000, 10_000);
    expect(bucket.take(1000, 10_000)).toBe(0);
    expect(bucket.take(100, 5000)).toBe(100);
    expect(bucket.take(0, 10_000)).toBe(100);
  });
});
