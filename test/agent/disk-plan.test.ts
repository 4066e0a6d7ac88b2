import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeptPackage } from '../../shared/agent/disk-plan.ts';
import { packagesToDelete, shortfallOf, shortfallSentence, unusedPackages } from '../../shared/agent/disk-plan.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import { holds } from '../helpers/properties.ts';

const keyOf = (number: number) => number.toString(16).padStart(40, '0') as PackageKey;
const kept = (number: number, need: KeptPackage['need'], lastUsedMs: number, heldBytes = 100): KeptPackage => ({
  key: keyOf(number),
  need,
  lastUsedMs,
  heldBytes,
});
const limits = { minFreeBytes: 2000, maxCacheShare: 0.2 };

describe('room on the disk', () => {
  it('is there up to the free space to keep and the share for packages, to the byte', () => {
    const facts = { freeBytes: 5000, diskBytes: 10_000, usedBytes: 500 };
    expect(shortfallOf(facts, limits, 1500)).toBeNull();
    expect(shortfallOf(facts, limits, 1501)).toEqual({ bytes: 1, because: 'cache' });
    expect(shortfallOf({ ...facts, freeBytes: 3000 }, limits, 1100)).toEqual({ bytes: 100, because: 'disk' });
  });

  it('says how much is missing and which limit it is', () => {
    const disk = shortfallSentence({ bytes: 1_230_000_000, because: 'disk' }, { ...limits, minFreeBytes: 2e9 });
    expect(disk).toBe(
      'Waits for room: 1.3 GB more have to become free on the disk, 2.0 GB being kept free by the policy.',
    );
    expect(shortfallSentence({ bytes: 5_000_001, because: 'cache' }, limits)).toBe(
      'Waits for room: packages may take 20 % of the disk here, and this one needs 6 MB more.',
    );
  });
});

describe('what is deleted', () => {
  it('is what nobody asked for, then what is installed, then what was delivered, each the longest unused first', () => {
    const all = [
      kept(1, 'delivered', 10),
      kept(2, 'unassigned', 30),
      kept(3, 'installed', 5),
      kept(4, 'unassigned', 20),
      kept(5, 'fetching', 0),
      kept(6, 'missing', 0),
    ];
    expect(packagesToDelete(all, 350).keys).toEqual([4, 2, 3, 1].map(keyOf));
    expect(packagesToDelete(all, 101)).toEqual({ keys: [4, 2].map(keyOf), isEnough: true });
    expect(packagesToDelete(all, 401).isEnough).toBe(false);
  });

  it('is never a package that is being fetched or still missing, and never more than is needed', () => {
    const needs = ['fetching', 'missing', 'delivered', 'installed', 'unassigned'] as const;
    const packages = fc.array(
      fc.record({ need: fc.constantFrom(...needs), lastUsedMs: fc.nat(1000), heldBytes: fc.nat(500) }),
      { maxLength: 20 },
    );
    holds(
      fc.property(packages, fc.integer({ min: 1, max: 4000 }), (made, bytes) => {
        const all = made.map(({ need, lastUsedMs, heldBytes }, index) => kept(index, need, lastUsedMs, heldBytes));
        const { keys, isEnough } = packagesToDelete(all, bytes);
        const chosen = keys.map((key) => all.find((candidate) => candidate.key === key));
        expect(chosen.some((each) => each?.need === 'fetching' || each?.need === 'missing')).toBe(false);
        const freed = chosen.reduce((sum, each) => sum + (each?.heldBytes ?? 0), 0);
        expect(isEnough).toBe(freed >= bytes);
        expect(freed - (chosen.at(-1)?.heldBytes ?? 0)).toBeLessThan(bytes);
      }),
    );
  });

  it('for want of use is what was unused for the whole time; a clock that was set back deletes nothing', () => {
    const all = [
      kept(1, 'delivered', 100),
      kept(2, 'unassigned', 101),
      kept(3, 'missing', 0),
      kept(4, 'delivered', 9000),
    ];
    expect(unusedPackages(all, 1100, 1000)).toEqual([keyOf(1)]);
  });
});
