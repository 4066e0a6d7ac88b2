import { describe, expect, it } from 'vitest';
import type { PackageWord } from '../../shared/agent/early-words.ts';
import { EarlyWords } from '../../shared/agent/early-words.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;
const otherKey = 'ef'.repeat(20) as PackageKey;

const want: PackageWord = { kind: 'want', key };
const claim = (epoch: number): PackageWord => ({
  kind: 'claim',
  key,
  epoch,
  lanes: [bob],
  rateCapBytesPerSecond: 0,
  progressBytes: 0,
  failures: 0,
});
const release: PackageWord = { kind: 'release', key, epoch: 2, retryAfterMs: 0, failures: 0, successor: null };

describe('what was said of a package before it was begun', () => {
  it('is handed over once, the oldest first, with the time at which it was heard', () => {
    const words = new EarlyWords();
    words.note(ann, 1, want, 100);
    words.note(bob, 2, claim(1), 200);
    words.note(bob, 2, { kind: 'want', key: otherKey }, 300);
    expect(words.take(key, 400)).toEqual([
      { sender: ann, bootId: 1, message: want, heardAtMs: 100 },
      { sender: bob, bootId: 2, message: claim(1), heardAtMs: 200 },
    ]);
    expect(words.take(key, 400)).toEqual([]);
    expect(words.take(otherKey, 400)).toHaveLength(1);
  });

  it('keeps the newest word of each kind: a release takes a claim back', () => {
    const words = new EarlyWords();
    words.note(bob, 2, claim(1), 100);
    words.note(bob, 2, claim(2), 200);
    words.note(ann, 1, want, 250);
    words.note(bob, 2, release, 300);
    expect(words.take(key, 400).map(({ message }) => message)).toEqual([want, release]);
  });

  it('says nothing any more of a claim that was not repeated for three seconds', () => {
    const words = new EarlyWords();
    words.note(bob, 2, claim(1), 100);
    words.note(ann, 1, want, 3000);
    expect(words.take(key, 3101).map(({ message }) => message)).toEqual([want]);
  });

  it('holds a bounded number of words, the newest', () => {
    const words = new EarlyWords();
    for (let number = 0; number < 5000; number++) {
      words.note(number.toString(16).padStart(32, '0') as AgentId, 1, want, 100);
    }
    const taken = words.take(key, 100);
    expect(taken).toHaveLength(4096);
    expect(Number.parseInt(taken.at(-1)?.sender ?? '', 16)).toBe(4999);
  });
});
