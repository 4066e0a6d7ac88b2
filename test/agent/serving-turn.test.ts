import { describe, expect, it } from 'vitest';
import { HeldRequests } from '../../shared/agent/held-requests.ts';
import { turnOf } from '../../shared/agent/serving-turn.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';

const ann = 'a'.repeat(32) as AgentId;
const bob = 'b'.repeat(32) as AgentId;
const key = 'cd'.repeat(20) as PackageKey;
const idle = { uploads: 0, copies: 0, holders: 0, hasScarcerBlocks: false, copyMs: 50 };

describe('the turn of a request', () => {
  it('comes at once where nothing is being sent', () => {
    expect(turnOf(idle)).toBe('serve');
  });

  it('waits for the copy that is on its way while hardly anybody holds the block', () => {
    expect(turnOf({ ...idle, uploads: 1, copies: 1, holders: 2 })).toBe('wait');
    expect(turnOf({ ...idle, uploads: 1, copies: 1, holders: 3 })).toBe('serve');
  });

  it('waits behind two other blocks where blocks leave fast, and shares the bandwidth where they leave slowly', () => {
    expect(turnOf({ ...idle, uploads: 2, holders: 5, copyMs: 50 })).toBe('wait');
    expect(turnOf({ ...idle, uploads: 2, holders: 5, copyMs: 5000 })).toBe('serve');
  });

  it('is elsewhere where somebody else holds the block and a lane has others that nobody else has', () => {
    expect(turnOf({ ...idle, hasScarcerBlocks: true, holders: 1 })).toBe('ask-others');
    expect(turnOf({ ...idle, hasScarcerBlocks: true, holders: 0 })).toBe('serve');
  });
});

describe('requests that wait', () => {
  const held = (requestId: number, block: number, untilMs: number) => ({ requestId, peer: ann, key, block, untilMs });

  it('are kept in the order in which they came, until they are answered', () => {
    const requests = new HeldRequests();
    requests.add(held(2, 0, 50));
    requests.add(held(1, 1, 40));
    expect(requests.all.map(({ requestId }) => requestId)).toEqual([2, 1]);
    expect(requests.nextEndMs()).toBe(40);
    requests.remove(1);
    expect(requests.nextEndMs()).toBe(50);
    requests.remove(2);
    expect(requests.nextEndMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('are bounded', () => {
    const requests = new HeldRequests();
    for (let requestId = 0; requestId < 256; requestId++) requests.add(held(requestId, 0, 1));
    expect(requests.isFull).toBe(true);
  });

  it('send a peer elsewhere three times for a block, and a share of the waiting to each holder once', () => {
    const requests = new HeldRequests();
    for (let times = 0; times < 3; times++) {
      expect(requests.mayRefer(key, 0, ann)).toBe(true);
      requests.noteReferred(key, 0, ann);
    }
    expect(requests.mayRefer(key, 0, ann)).toBe(false);
    expect(requests.mayRefer(key, 1, ann)).toBe(true);
    expect(requests.noteHolder(key, 0, bob)).toBe(true);
    expect(requests.noteHolder(key, 0, bob)).toBe(false);
  });
});
