import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DownloadGrounds } from '../../shared/agent/download-grounds.ts';
import { standingOf } from '../../shared/agent/download-grounds.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import type { AssignedDelivery, PrepositionedPackage } from '../../shared/contracts/agent-api.ts';
import type { DeliveryPriority } from '../../shared/contracts/package-state.ts';
import { deliveryPriorities } from '../../shared/contracts/package-state.ts';
import { holds } from '../helpers/properties.ts';
import { ManualClock } from './support/manual-clock.ts';

const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;
const subject = { guid, version: '1.0', key: packageKeyOf(guid, '1.0'), name: 'p', totalSizeBytes: 1 };
const clock = new ManualClock();
const now = { wallTimeMs: clock.wallTimeMs(), localMinuteOfWeek: clock.localMinuteOfWeek() };
/** The clock stands at Monday 00:00. */
const closed: PrepositionedPackage['windows'] = [{ days: ['tue'], from: '00:00', to: '06:00' }];
const open: PrepositionedPackage['windows'] = [{ days: ['mon'], from: '00:00', to: '06:00' }];
const later = now.wallTimeMs + 90_000;

const nothing: DownloadGrounds = { delivery: null, kept: [], isDemanded: false };

function kept(...terms: readonly Partial<PrepositionedPackage>[]): PrepositionedPackage[] {
  return terms.map((of) => ({ ...subject, ...of }));
}

function delivered(priority: DeliveryPriority, downloadWindows?: PrepositionedPackage['windows']): AssignedDelivery {
  const delivery = { ...subject, deliveryId: 'd', priority };
  if (downloadWindows === undefined) return delivery;
  const rest = { availableFromMs: null, deadlineMs: null, isPaused: false, round: 0, ignoresTotalBlockouts: false };
  return { ...delivery, plan: { ...rest, downloadWindows, installation: null } };
}

function standing(grounds: Partial<DownloadGrounds>) {
  const { heldBy, priority } = standingOf({ ...nothing, ...grounds }, now, clock);
  return { heldBy, priority };
}

describe('why a package is wanted, and when it may come', () => {
  it.each<[string, Partial<DownloadGrounds>, ReturnType<typeof standing>]>([
    ['nothing said', { kept: kept({}) }, { heldBy: null, priority: 'normal' }],
    ['closed', { kept: kept({ windows: closed }) }, { heldBy: 'outside-window', priority: 'normal' }],
    ['open', { kept: kept({ windows: open, priority: 'background' }) }, { heldBy: null, priority: 'background' }],
    ['early', { kept: kept({ availableFromMs: later }) }, { heldBy: 'not-yet-available', priority: 'normal' }],
    [
      'an emergency waits for no window',
      { kept: kept({ windows: closed, priority: 'emergency' }) },
      { heldBy: null, priority: 'emergency' },
    ],
    [
      'asked for while the window is closed',
      { kept: kept({ windows: closed, priority: 'background' }), isDemanded: true },
      { heldBy: null, priority: 'normal' },
    ],
    [
      'delivered while the window is closed',
      { kept: kept({ windows: closed }), delivery: delivered('background') },
      { heldBy: null, priority: 'background' },
    ],
    [
      'one of two terms is open, and its priority counts',
      { kept: kept({ windows: closed, priority: 'normal' }, { windows: open, priority: 'background' }) },
      { heldBy: null, priority: 'background' },
    ],
    [
      'what holds gives no urgency to what runs',
      { kept: kept({ availableFromMs: later, priority: 'emergency' }), delivery: delivered('normal') },
      { heldBy: null, priority: 'normal' },
    ],
    [
      'both closed',
      { kept: kept({ windows: closed }), delivery: delivered('background', closed) },
      { heldBy: 'outside-window', priority: 'normal' },
    ],
  ])('%s', (_what, grounds, expected) => {
    expect(standing(grounds)).toEqual(expected);
  });

  it('looks at the clock again at the next minute, or at the moment that comes sooner', () => {
    const lookAgainMs = (terms: Partial<PrepositionedPackage>) =>
      standingOf({ ...nothing, kept: kept(terms) }, now, clock).lookAgainMs;
    expect(lookAgainMs({})).toBe(Number.POSITIVE_INFINITY);
    const nextMinuteMs = 60_000 - (now.wallTimeMs % 60_000);
    expect(lookAgainMs({ windows: open })).toBe(nextMinuteMs);
    expect(lookAgainMs({ availableFromMs: now.wallTimeMs + 5 })).toBe(5);
  });

  it('is never held up, nor made less urgent, by a further ground', () => {
    const windows = fc.constantFrom(undefined, [], open, closed);
    const priority = fc.constantFrom(...deliveryPriorities);
    const one = fc.record({ windows, priority, availableFromMs: fc.constantFrom(null, later) });
    const rank = (of: DeliveryPriority) => deliveryPriorities.indexOf(of);
    holds(
      fc.property(one, priority, windows, fc.boolean(), (terms, other, otherWindows, isDemanded) => {
        const { windows: given, ...rest } = terms;
        const alone = { kept: kept(given === undefined ? rest : { ...rest, windows: given }) };
        const before = standing(alone);
        const after = standing({ ...alone, delivery: delivered(other, otherWindows), isDemanded });
        if (before.heldBy !== null) return;
        expect(after.heldBy).toBeNull();
        expect(rank(after.priority)).toBeLessThanOrEqual(rank(before.priority));
      }),
    );
  });
});
