import { describe, expect, test } from 'vitest';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { halvedShare } from '../../shared/base/share-halving.ts';
import { LimitShares } from '../../shared/server/limit-shares.ts';
import { forSeeds } from '../helpers/seeds.ts';

const limit = 1_000_000;
const secondMs = 1000;

/** What one source believes: what reached it last, halving without a word. */
class Believer {
  #bytesPerSecond = 0;
  #atMs = 0;
  #arriving: { bytesPerSecond: number; atMs: number }[] = [];

  send(bytesPerSecond: number, atMs: number): void {
    const last = this.#arriving.at(-1)?.atMs ?? 0;
    this.#arriving.push({ bytesPerSecond, atMs: Math.max(last, atMs) });
  }

  /** What is under way arrives no more. */
  cut(): void {
    this.#arriving = [];
  }

  restart(): void {
    this.cut();
    this.#bytesPerSecond = 0;
  }

  at(nowMs: number): number {
    for (let next = this.#arriving[0]; next !== undefined && next.atMs <= nowMs; next = this.#arriving[0]) {
      this.#bytesPerSecond = next.bytesPerSecond;
      this.#atMs = next.atMs;
      this.#arriving.shift();
    }
    return halvedShare(this.#bytesPerSecond, nowMs - this.#atMs);
  }
}

function sharesOf(names: readonly string[], used: readonly string[] = []): Map<string, number> {
  const shares = new LimitShares<string>(limit, names, 0);
  for (const name of names) shares.connected(name, 0);
  const told = new Map<string, number>();
  for (let nowMs = 0; nowMs <= 30 * secondMs; nowMs += secondMs) {
    for (const name of used) shares.used(name, nowMs);
    for (const { source, bytesPerSecond } of shares.tick(nowMs)) told.set(source, bytesPerSecond);
  }
  return told;
}

describe('the shares of a limit', () => {
  test('are equal while nobody sends', () => {
    expect(sharesOf(['a', 'b', 'c', 'd'])).toEqual(
      new Map([
        ['a', 250_000],
        ['b', 250_000],
        ['c', 250_000],
        ['d', 250_000],
      ]),
    );
  });

  test('go to those that send, and leave an eighth to begin with', () => {
    expect(sharesOf(['a', 'b', 'c'], ['b'])).toEqual(
      new Map([
        ['a', 62_500],
        ['b', 875_000],
        ['c', 62_500],
      ]),
    );
    expect(sharesOf(['a', 'b'], ['a', 'b'])).toEqual(
      new Map([
        ['a', 500_000],
        ['b', 500_000],
      ]),
    );
    expect(sharesOf(['a'], ['a'])).toEqual(new Map([['a', limit]]));
  });

  test('are taken away before they are given', () => {
    const shares = new LimitShares<string>(limit, ['a', 'b'], 0);
    shares.connected('a', 0);
    shares.connected('b', 0);
    for (let nowMs = 0; nowMs < 5 * secondMs; nowMs += secondMs) shares.tick(nowMs);
    shares.used('b', 5000);
    expect(shares.tick(5000)).toEqual([{ source: 'a', bytesPerSecond: 125_000 }]);
    expect(shares.tick(6000)).toEqual([]);
    expect(shares.tick(7000)).toEqual([{ source: 'b', bytesPerSecond: 875_000 }]);
  });

  test('of a source that is gone come to the others as it loses them', () => {
    const shares = new LimitShares<string>(limit, ['a', 'b'], 0);
    shares.connected('a', 0);
    shares.connected('b', 0);
    shares.tick(0);
    shares.disconnected('b');
    let ofA = 0;
    for (let nowMs = 0; nowMs <= 25 * 60 * secondMs; nowMs += secondMs) {
      shares.used('a', nowMs);
      for (const { source, bytesPerSecond } of shares.tick(nowMs)) if (source === 'a') ofA = bytesPerSecond;
      if (nowMs === 60 * secondMs) expect(ofA).toBe(500_000);
      if (nowMs === 100 * secondMs) expect(ofA).toBe(750_000);
    }
    expect(ofA).toBe(limit);
  });

  test('follow the limit down at once, and are unlimited with it', () => {
    const shares = new LimitShares<string>(Number.POSITIVE_INFINITY, ['a'], 0);
    shares.connected('a', 0);
    expect(shares.tick(0)).toEqual([{ source: 'a', bytesPerSecond: Number.POSITIVE_INFINITY }]);
    shares.setLimit(limit);
    expect(shares.tick(1000)).toEqual([{ source: 'a', bytesPerSecond: limit }]);
    shares.setLimit(0);
    expect(shares.tick(2000)).toEqual([{ source: 'a', bytesPerSecond: 0 }]);
  });

  test('never add up to more than the limit at the sources, whatever happens to them', () => {
    forSeeds(200, (seed) => {
      const random = new Xoshiro128(seed);
      const names = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + random.below(5));
      // The server starts anew while its sources hold what they were told before.
      const shares = new LimitShares<string>(limit, names, 0);
      const online = new Set<string>();
      const believers = new Map(names.map((name) => [name, new Believer()]));
      for (let nowMs = 0; nowMs < 20 * 60 * secondMs; nowMs += 250) {
        for (const name of names) {
          const believer = believers.get(name);
          if (believer === undefined) continue;
          if (online.has(name)) {
            if (random.below(3) === 0) shares.used(name, nowMs);
            if (random.below(400) === 0) {
              online.delete(name);
              shares.disconnected(name);
              if (random.below(2) === 0) believer.restart();
            }
          } else if (random.below(600) === 0) {
            online.add(name);
            believer.cut();
            shares.connected(name, nowMs);
          }
        }
        if (random.below(2) === 0) {
          for (const { source, bytesPerSecond } of shares.tick(nowMs)) {
            believers.get(source)?.send(bytesPerSecond, nowMs + random.below(1900));
          }
        }
        const sum = [...believers.values()].reduce((total, believer) => total + believer.at(nowMs), 0);
        if (sum > limit) throw new Error(`${sum} of ${limit} bytes per second after ${nowMs} ms`);
      }
    });
  });

  test('come to the whole limit where all can be told', () => {
    forSeeds(100, (seed) => {
      const random = new Xoshiro128(seed);
      const names = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, 1 + random.below(6));
      const shares = new LimitShares<string>(limit, names, 0);
      for (const name of names) shares.connected(name, 0);
      const told = new Map<string, number>();
      for (let nowMs = 0; nowMs <= 60 * secondMs; nowMs += secondMs) {
        for (const name of names) if (nowMs < 40 * secondMs && random.below(20) === 0) shares.used(name, nowMs);
        for (const { source, bytesPerSecond } of shares.tick(nowMs)) told.set(source, bytesPerSecond);
      }
      const sum = [...told.values()].reduce((total, bytesPerSecond) => total + bytesPerSecond, 0);
      expect(sum).toBeGreaterThan(limit * 0.98);
    });
  });
});
