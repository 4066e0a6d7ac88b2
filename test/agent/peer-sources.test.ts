import { describe, expect, it } from 'vitest';
import type { BlockRequest } from '../../shared/agent/block-requests.ts';
import type { PeerSourcesContext } from '../../shared/agent/peer-sources.ts';
import { PeerSources } from '../../shared/agent/peer-sources.ts';
import type { AgentId } from '../../shared/base/ids.ts';

const ann = 'a'.repeat(32) as AgentId;
const request: BlockRequest = {
  commandId: 1,
  block: 4,
  source: 'peer',
  peer: ann,
  place: null,
  reason: 'following-claim',
  startedAtMs: 1000,
  receivedBytes: 0,
};

function stage() {
  const state = { nowMs: 31_000, heardAtMs: 30_000, bootId: 7, unreachable: 0 };
  const context: PeerSourcesContext = {
    nowMs: () => state.nowMs,
    settings: { attemptPeriodMs: 60_000 },
    peers: {
      find: () => ({ bootId: state.bootId }),
      isAlive: () => true,
      lastHeardMs: () => state.heardAtMs,
      markUnreachable: () => {
        state.unreachable++;
      },
    },
  };
  return { state, sources: new PeerSources(context) };
}

describe('the sources of a package', () => {
  it('set a peer aside that was heard while it sent nothing twice, until it starts anew', () => {
    const { state, sources } = stage();
    expect(sources.noteTimeout(request, ann, state.nowMs)).toBe(false);
    expect(sources.isIgnored(ann, state.nowMs)).toBe(false);
    // Another that was under way at the same time ends at the same time.
    expect(sources.noteTimeout(request, ann, state.nowMs)).toBe(false);
    const next = { ...request, startedAtMs: state.nowMs };
    state.nowMs += 30_000;
    state.heardAtMs = state.nowMs - 1000;
    expect(sources.noteTimeout(next, ann, state.nowMs)).toBe(true);
    expect(sources.isIgnored(ann, state.nowMs)).toBe(true);
    expect(sources.isIgnored(ann, state.nowMs + 600_000)).toBe(false);
    state.bootId = 8;
    expect(sources.isIgnored(ann, state.nowMs)).toBe(false);
  });

  it('only pause a peer that was silent altogether: what it holds must not cross the WAN again', () => {
    const { state, sources } = stage();
    state.heardAtMs = 500;
    for (let times = 0; times < 5; times++) expect(sources.noteTimeout(request, ann, state.nowMs)).toBe(false);
    expect(sources.isIgnored(ann, state.nowMs)).toBe(false);
    expect(sources.isUsable(ann, state.nowMs)).toBe(false);
    expect(sources.hasFailed(ann)).toBe(true);
    expect(state.unreachable).toBeGreaterThan(0);
  });

  it('ask one that installs again and again, and count on what it holds until the patience with it is used up', () => {
    const { state, sources } = stage();
    for (; state.nowMs < 91_000; state.nowMs += 5000) {
      expect(sources.noteInstalling(ann, 5000, state.nowMs, 60_000)).toBe(true);
      expect(sources.isUsable(ann, state.nowMs)).toBe(false);
      expect(sources.hasFailed(ann)).toBe(false);
      expect(sources.isIgnored(ann, state.nowMs)).toBe(false);
      expect(sources.isUsable(ann, state.nowMs + 5000)).toBe(true);
    }
    expect(sources.noteInstalling(ann, 5000, state.nowMs, 60_000)).toBe(false);
  });

  it('have the whole patience with the next installation, and with a peer that has given something since', () => {
    const { state, sources } = stage();
    sources.noteInstalling(ann, 5000, state.nowMs, 60_000);
    expect(sources.noteInstalling(ann, 5000, state.nowMs + 60_000, 60_000)).toBe(false);
    expect(sources.noteInstalling(ann, 5000, state.nowMs + 121_000, 60_000)).toBe(true);
    expect(sources.noteInstalling(ann, 5000, state.nowMs + 181_000, 60_000)).toBe(false);
    sources.noteStored(ann);
    expect(sources.noteInstalling(ann, 5000, state.nowMs + 182_000, 60_000)).toBe(true);
  });

  it('forgive everything with the next block', () => {
    const { state, sources } = stage();
    sources.noteTimeout(request, ann, state.nowMs);
    sources.noteStored(ann);
    expect(sources.noteTimeout(request, ann, state.nowMs)).toBe(false);
    expect(sources.isUnblemished(ann)).toBe(false);
    sources.noteStored(ann);
    expect(sources.isUnblemished(ann)).toBe(true);
  });

  it('pause one block where a peer is busy with that block, and the peer where it is busy', () => {
    const { state, sources } = stage();
    sources.noteBlockBusy(ann, 4, 200, state.nowMs);
    expect(sources.isUsable(ann, state.nowMs)).toBe(true);
    expect(sources.blockPausesOf(ann)?.get(4)).toBe(state.nowMs + 200);
    expect(sources.nextEndMs(state.nowMs)).toBe(state.nowMs + 200);
    sources.noteBusy(ann, 100, state.nowMs);
    expect(sources.isUsable(ann, state.nowMs)).toBe(false);
    expect(sources.hasFailed(ann)).toBe(false);
    expect(sources.isUsable(ann, state.nowMs + 100)).toBe(true);
  });

  it('ask a peer that is busy again and again after twice as long each time, until it has given a block', () => {
    const { state, sources } = stage();
    const pausesMs = Array.from({ length: 7 }, () => {
      sources.noteBusy(ann, 100, state.nowMs);
      return sources.nextEndMs(state.nowMs) - state.nowMs;
    });
    expect(pausesMs).toEqual([100, 200, 400, 800, 1600, 1600, 1600]);
    sources.noteStored(ann);
    sources.noteBusy(ann, 100, state.nowMs);
    expect(sources.isUsable(ann, state.nowMs + 100)).toBe(true);
  });
});
