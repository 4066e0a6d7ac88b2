import { describe, expect, it } from 'vitest';
import { LinkLoads } from '../../shared/server/link-loads.ts';

const atMs = 1_700_000_000_000;

function inOf(loads: LinkLoads, siteId: string, nowMs: number): number | undefined {
  return loads.loads(nowMs).get(siteId)?.inBytesPerSecond;
}

describe('what this server sends into a site', () => {
  it('is the mean of the last five whole seconds', () => {
    const loads = new LinkLoads();
    for (let second = 0; second < 8; second++) loads.sent('branch', 1000, atMs + second * 1000 + 300);
    // The second that runs is not over: its bytes count when it is.
    expect(inOf(loads, 'branch', atMs + 7900)).toBe(1000);
    loads.sent('branch', 5000, atMs + 7950);
    expect(inOf(loads, 'branch', atMs + 7990)).toBe(1000);
    expect(inOf(loads, 'branch', atMs + 8000)).toBe(2000);
  });

  it('is gone five seconds after the last byte', () => {
    const loads = new LinkLoads();
    loads.sent('branch', 5000, atMs);
    expect(inOf(loads, 'branch', atMs + 5999)).toBe(1000);
    expect(loads.loads(atMs + 6000)).toEqual(new Map());
    loads.sent('branch', 10_000, atMs + 100_000);
    expect(inOf(loads, 'branch', atMs + 101_000)).toBe(2000);
  });

  it('is told site by site', () => {
    const loads = new LinkLoads();
    loads.sent('branch', 5000, atMs);
    loads.sent('region', 10_000, atMs);
    expect([...loads.loads(atMs + 1000)]).toEqual([
      ['branch', { inBytesPerSecond: 1000, outBytesPerSecond: 0 }],
      ['region', { inBytesPerSecond: 2000, outBytesPerSecond: 0 }],
    ]);
  });
});

describe('what a Package Server told', () => {
  const crossings = [
    { siteId: 'branch', way: 'in', bytes: 60_000 },
    { siteId: 'region', way: 'out', bytes: 60_000 },
  ] as const;

  it('loads the link out of its site and the link into the other until it should have told again', () => {
    const loads = new LinkLoads();
    loads.told('ps', crossings, 60_000, atMs);
    const both = new Map([
      ['branch', { inBytesPerSecond: 1000, outBytesPerSecond: 0 }],
      ['region', { inBytesPerSecond: 0, outBytesPerSecond: 1000 }],
    ]);
    expect(loads.loads(atMs + 60_000)).toEqual(both);
    expect(loads.loads(atMs + 61_000)).toEqual(new Map());
  });

  it('is spread over the time since it last told, and never over more than one interval', () => {
    const loads = new LinkLoads();
    loads.told('ps', crossings, 60_000, atMs);
    loads.told('ps', crossings, 60_000, atMs + 10_000);
    expect(inOf(loads, 'branch', atMs + 10_000)).toBe(6000);
    loads.told('ps', crossings, 60_000, atMs + 10_000_000);
    expect(inOf(loads, 'branch', atMs + 10_000_000)).toBe(1000);
  });

  it('adds to what the server sends and what others told', () => {
    const loads = new LinkLoads();
    loads.told('one', crossings, 60_000, atMs);
    loads.told('two', crossings, 60_000, atMs);
    loads.sent('branch', 5000, atMs);
    expect(inOf(loads, 'branch', atMs + 1000)).toBe(3000);
  });
});
