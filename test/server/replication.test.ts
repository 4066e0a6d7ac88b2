import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { replicationStates } from '../../shared/contracts/channels.ts';
import type { ChannelCopy } from '../../shared/contracts/channels-api.ts';
import { replicationGroupings } from '../../shared/contracts/channels-api.ts';
import { packageStates } from '../../shared/contracts/package-state.ts';
import type { ReplicationWish } from '../../shared/server/channels/replication.ts';
import { replicationOf } from '../../shared/server/channels/replication.ts';
import { ReplicationSums } from '../../shared/server/channels/replication-sums.ts';
import type { CopyEvent, PackageCopy } from '../../shared/server/package-copy.ts';
import { reduceCopy } from '../../shared/server/package-copy.ts';
import { holds } from '../helpers/properties.ts';

const monday = { wallTimeMs: 1_000_000, minuteOfWeek: 0 };
const terms: ReplicationWish['terms'] = { priority: 'background', availableFromMs: null, windows: [] };
const wish: ReplicationWish = { terms, isExpired: false, isWithdrawn: false, blockCount: 10, isOnline: true };
const nights: ReplicationWish['terms']['windows'] = [{ days: ['mon'], from: '22:00', to: '04:00' }];

function copy(state: PackageCopy['state'], blocks: number, detail = ''): PackageCopy {
  return { state, blocks, blockCount: 10, detail, atMs: 7 };
}

describe('where the copy of a package stands', () => {
  const late = { ...terms, availableFromMs: 86_400_000 };
  const windowed = { ...terms, windows: nights };
  it.each<[string, Partial<ReplicationWish>, PackageCopy | null, string, RegExp]>([
    ['nothing told', {}, null, 'waiting', /^$/],
    ['offline', { isOnline: false }, null, 'waiting', /offline/],
    ['before its time', { terms: late }, null, 'not-before', /has not come/],
    ['window closed', { terms: windowed }, copy('queued', 3), 'outside-window', /opens at 22:00 on Monday/],
    ['an emergency', { terms: { ...windowed, priority: 'emergency' } }, null, 'waiting', /^$/],
    ['copying, though the window is closed', { terms: windowed }, copy('downloading', 3), 'copying', /^$/],
    ['complete, though the window is closed', { terms: windowed }, copy('ready', 10), 'complete', /^$/],
    ['installed there', {}, copy('installed', 10), 'complete', /^$/],
    ['deleted since', {}, copy('ready', 0, 'Deleted.'), 'waiting', /^Deleted\.$/],
    ['failed', {}, copy('failed', 3, 'The disk is full.'), 'failed', /^The disk is full\.$/],
    ['withdrawn', { isWithdrawn: true, isExpired: true }, copy('ready', 10), 'withdrawn', /withdrawn/],
    ['expired', { isExpired: true }, copy('ready', 10), 'expired', /not to be kept/],
  ])('%s', (_what, more, told, state, reason) => {
    const found = replicationOf({ ...wish, ...more }, told, monday);
    expect(found.state).toBe(state);
    expect(found.reason).toMatch(reason);
  });

  const anyState = fc.constantFrom(...packageStates);
  const anyEvent: fc.Arbitrary<CopyEvent> = fc
    .record({ state: anyState, blocks: fc.nat(12), atMs: fc.nat(99), isTold: fc.boolean(), detail: fc.string() })
    .map(({ isTold, detail, ...rest }) =>
      isTold ? { kind: 'told', blockCount: 10, detail, ...rest } : { kind: 'seen', blockCount: 10, ...rest },
    );
  const folded = (events: readonly CopyEvent[]) => events.reduce<PackageCopy | null>(reduceCopy, null);

  it('is what the agent told last, whatever was seen before', () => {
    holds(
      fc.property(fc.array(anyEvent), anyEvent, (events, last) => {
        const told = { detail: '', ...last, kind: 'told' } as const;
        const found = reduceCopy(folded(events), told);
        expect(found).toMatchObject({ state: told.state, detail: told.detail, atMs: told.atMs });
        expect(found.blocks).toBe(Math.min(told.blocks, 10));
        expect(reduceCopy(found, told)).toEqual(found);
      }),
    );
  });

  it('does not go back from complete by a report that comes late', () => {
    const ready = reduceCopy(null, { kind: 'told', ...copy('ready', 10) });
    const late = { kind: 'seen', state: 'downloading', blocks: 9, blockCount: 10, atMs: 8 } as const;
    expect(reduceCopy(ready, late)).toBe(ready);
    expect(reduceCopy(ready, { ...late, kind: 'told', detail: '' }).state).toBe('downloading');
  });

  it('is complete exactly where all blocks are there, and says so until it is withdrawn or expires', () => {
    const anyTerms = fc.record({
      priority: fc.constantFrom('emergency' as const, 'normal' as const),
      availableFromMs: fc.constantFrom(null, 0, 86_400_000),
      windows: fc.constantFrom([], nights),
    });
    const now = fc.record({ wallTimeMs: fc.nat(200_000_000), minuteOfWeek: fc.nat(10_079) });
    holds(
      fc.property(fc.array(anyEvent), anyTerms, now, (events, someTerms, at) => {
        const held = folded(events);
        const found = replicationOf({ ...wish, terms: someTerms }, held, at);
        const isHeld = held !== null && ['ready', 'installing', 'installed'].includes(held.state);
        expect(found.state === 'complete').toBe(isHeld && held.blocks === 10);
        expect(found.blocks).toBeLessThanOrEqual(found.blockCount);
        expect(replicationOf({ ...wish, isExpired: true }, held, at).state).toBe('expired');
      }),
    );
  });
});

describe('sums of replication', () => {
  const one: ChannelCopy = {
    channelId: 'c',
    channelName: 'Office',
    agentId: 'a'.repeat(32) as AgentId,
    packageServer: 'ps',
    online: true,
    siteName: null,
    guid: '00000000-0000-4000-8000-000000000001' as PackageGuid,
    version: '1.0',
    packageName: 'editor',
    state: 'complete',
    percent: 100,
    copiedBytes: 100,
    totalSizeBytes: 100,
    priority: 'background',
    notBeforeMs: null,
    expiresAtMs: null,
    sinceMs: null,
    reason: '',
  };

  it.each([
    ['channel', ['Office', 'Other']],
    ['package-server', ['ps', 'ps2']],
    ['package', ['editor 1.0', 'editor 2.0']],
  ] as const)('are by %s', (by, names) => {
    const sums = new ReplicationSums(by);
    const other = { channelId: 'd', channelName: 'Other', agentId: 'b'.repeat(32) as AgentId, packageServer: 'ps2' };
    sums.add(one);
    sums.add({ ...one, ...other, version: '2.0', state: 'copying', copiedBytes: 99 });
    sums.add({ ...one, ...other, version: '2.0', state: 'expired' });
    const found = sums.list();
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(found[1]).toMatchObject({ copies: 2, copiedBytes: 99, totalBytes: 100, percent: 99 });
    expect(found[1]?.states).toMatchObject({ copying: 1, expired: 1, complete: 0 });
  });

  it('count each copy once, and call 100 % only what is all there', () => {
    const any = fc.record({
      state: fc.constantFrom(...replicationStates),
      copiedBytes: fc.nat(100),
      channelId: fc.constantFrom('c', 'd'),
      version: fc.constantFrom('1.0', '2.0', null),
    });
    holds(
      fc.property(fc.array(any), fc.constantFrom(...replicationGroupings), (copies, by) => {
        const sums = new ReplicationSums(by);
        for (const copyOf of copies) sums.add({ ...one, ...copyOf });
        const list = sums.list();
        expect(list.reduce((sum, { copies: count }) => sum + count, 0)).toBe(copies.length);
        for (const { states, copies: count, percent, copiedBytes, totalBytes } of list) {
          expect(Object.values(states).reduce((sum, of) => sum + of, 0)).toBe(count);
          expect(percent === 100).toBe(copiedBytes === totalBytes);
        }
      }),
    );
  });
});
