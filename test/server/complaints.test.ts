import { describe, expect, it } from 'vitest';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { Complaints } from '../../shared/server/complaints.ts';

const peer = 'a'.repeat(32) as AgentId;
const key = 'b'.repeat(40) as PackageKey;
const hourMs = 3_600_000;
const numbered = (number: number) => number.toString(16).padStart(32, '0') as AgentId;

describe('complaints of a copy', () => {
  it('have it read once an hour', () => {
    const complaints = new Complaints();
    expect(complaints.isDue(peer, key, 0)).toBe(true);
    // Not asked, because it was not there: asked with the next complaint.
    expect(complaints.isDue(peer, key, 1000)).toBe(true);
    complaints.noteLook(peer, key, 1000);
    expect(complaints.isDue(peer, key, hourMs)).toBe(false);
    expect(complaints.isDue(peer, 'c'.repeat(40) as PackageKey, 1000)).toBe(true);
    expect(complaints.isDue(numbered(1), key, 1000)).toBe(true);
    expect(complaints.isDue(peer, key, hourMs + 1000)).toBe(true);
  });

  it('have no more than twenty copies read in a minute, whoever complains', () => {
    const complaints = new Complaints();
    let looks = 0;
    for (let number = 0; number < 100; number++) {
      if (!complaints.isDue(numbered(number), key, 0)) continue;
      complaints.noteLook(numbered(number), key, 0);
      looks++;
    }
    expect(looks).toBe(20);
    expect(complaints.isDue(numbered(50), key, 59_999)).toBe(false);
    expect(complaints.isDue(numbered(50), key, 60_000)).toBe(true);
  });

  it('are remembered of a thousand copies', () => {
    const complaints = new Complaints();
    for (let number = 0; number <= 1000; number++) complaints.noteLook(numbered(number), key, number * 3000);
    const nowMs = 1001 * 3000 + 60_000;
    expect(complaints.isDue(numbered(0), key, nowMs)).toBe(true);
    expect(complaints.isDue(numbered(1), key, nowMs)).toBe(false);
  });
});
