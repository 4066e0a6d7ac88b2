import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayGuard } from '../../electron/agent-worker/replay-guard.ts';

const seed = Number(process.env.FANOUT_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`replay guard: replay with FANOUT_SEED=${seed} npx vitest run test/agent-worker/replay-guard.test.ts`);

describe('the replay guard', () => {
  it('lets each number of the window through once, in any order', () => {
    const order = fc.shuffledSubarray(Array.from({ length: 64 }, (_, index) => 1000 + index));
    fc.assert(
      fc.property(order, (sequences) => {
        const guard = new ReplayGuard();
        for (const sequence of sequences) expect(guard.check('a', 1, sequence, 5)).toBe('fresh');
        for (const sequence of sequences) expect(guard.check('a', 1, sequence, 5)).toBe('replayed');
      }),
      { seed, numRuns: 300 },
    );
  });

  it('agrees with a plain memory of everything that was seen', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 200 }), (sequences) => {
        const guard = new ReplayGuard();
        const seen = new Set<number>();
        let highest = -1;
        for (const sequence of sequences) {
          const isFresh = !seen.has(sequence) && sequence > highest - 64;
          expect(guard.check('a', 1, sequence, 5)).toBe(isFresh ? 'fresh' : 'replayed');
          seen.add(sequence);
          highest = Math.max(highest, sequence);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it('drops what an older boot sent, and takes a newer one', () => {
    const guard = new ReplayGuard();
    expect(guard.check('a', 1, 9, 1000)).toBe('fresh');
    expect(guard.check('a', 2, 1, 2000)).toBe('fresh');
    expect(guard.check('a', 1, 10, 1500)).toBe('older-boot');
    expect(guard.check('a', 2, 2, 2001)).toBe('fresh');
  });

  it('keeps senders apart', () => {
    const guard = new ReplayGuard();
    expect(guard.check('a', 1, 1, 1)).toBe('fresh');
    expect(guard.check('b', 1, 1, 1)).toBe('fresh');
  });
});
