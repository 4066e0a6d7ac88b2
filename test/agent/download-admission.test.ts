import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admission, AdmissionRules, DownloadCandidate } from '../../shared/agent/download-admission.ts';
import { admit } from '../../shared/agent/download-admission.ts';
import { GeneralThrottle } from '../../shared/agent/general-throttle.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import { holds } from '../helpers/properties.ts';

const open: AdmissionRules = { maxConcurrentPackages: 2, isBlockedOut: () => false, isPaused: false };

function candidate(
  name: string,
  priority: DownloadCandidate['priority'] = 'normal',
  isRunning = false,
): DownloadCandidate {
  return { key: name as PackageKey, priority, isRunning, heldBy: null };
}

function verdicts(candidates: readonly DownloadCandidate[], rules: Partial<AdmissionRules> = {}): Admission[] {
  const admitted = admit(candidates, { ...open, ...rules });
  return candidates.map(({ key }) => admitted.get(key) ?? 'waiting');
}

describe('which packages download now', () => {
  it('are the first in the order of assignment, as many as there are places', () => {
    expect(verdicts([candidate('a'), candidate('b'), candidate('c')])).toEqual(['run', 'run', 'waiting']);
  });

  it('are those that run already, among equals', () => {
    expect(verdicts([candidate('a'), candidate('b', 'normal', true), candidate('c', 'normal', true)])).toEqual([
      'waiting',
      'run',
      'run',
    ]);
  });

  it('are the more urgent ones, which take the place of what runs', () => {
    expect(verdicts([candidate('a', 'background', true), candidate('b', 'normal', true), candidate('c')])).toEqual([
      'pre-empted',
      'run',
      'run',
    ]);
  });

  it('are emergencies alone while there is one', () => {
    expect(verdicts([candidate('a', 'normal', true), candidate('b', 'emergency')])).toEqual(['pre-empted', 'run']);
  });

  it('are none in a blockout, and emergencies only in one of downloads', () => {
    const both = [candidate('a', 'normal', true), candidate('b', 'emergency')];
    expect(verdicts(both, { isBlockedOut: () => true })).toEqual(['blockout', 'blockout']);
    expect(verdicts(both, { isBlockedOut: (priority) => priority !== 'emergency' })).toEqual(['blockout', 'run']);
  });

  it('are emergencies only while the person at the computer has paused them', () => {
    expect(verdicts([candidate('a', 'normal', true)], { isPaused: true })).toEqual(['paused']);
    expect(verdicts([candidate('a'), candidate('b', 'emergency')], { isPaused: true })).toEqual(['paused', 'run']);
  });

  it('never exceed the places, and leave none empty that somebody could use', () => {
    const candidates = fc.array(
      fc.record({ priority: fc.constantFrom('emergency', 'normal', 'background'), isRunning: fc.boolean() }),
      { maxLength: 12 },
    );
    holds(
      fc.property(candidates, fc.integer({ min: 1, max: 10 }), (made, places) => {
        const all = made.map(({ priority, isRunning }, index) => candidate(`${index}`, priority, isRunning));
        const result = verdicts(all, { maxConcurrentPackages: places });
        const running = result.filter((verdict) => verdict === 'run').length;
        const emergencies = all.filter(({ priority }) => priority === 'emergency').length;
        expect(running).toBe(Math.min(places, emergencies > 0 ? emergencies : all.length));
      }),
    );
  });
});

describe('general throttling', () => {
  const [first, second] = ['aa', 'bb'] as [PackageKey, PackageKey];

  it('divides one rate over all transfers from servers, and follows a change', () => {
    const rates = new Map<number, number>();
    const throttle = new GeneralThrottle((commandId, rate) => rates.set(commandId, rate));
    throttle.setLimit(1000);
    expect(throttle.add(1, first)).toBe(1000);
    expect(throttle.add(2, second)).toBe(500);
    expect(rates.get(1)).toBe(500);
    throttle.setLimit(400);
    expect([rates.get(1), rates.get(2)]).toEqual([200, 200]);
    throttle.remove(1);
    expect(rates.get(2)).toBe(400);
    throttle.setLimit(Number.POSITIVE_INFINITY);
    expect(rates.get(2)).toBe(Number.POSITIVE_INFINITY);
  });

  it('promises each package its part, and nothing where nothing is limited', () => {
    const throttle = new GeneralThrottle(() => undefined);
    expect(throttle.rateCapOf(first)).toBe(0);
    throttle.setLimit(1000);
    expect(throttle.rateCapOf(first)).toBe(1000);
    throttle.add(1, second);
    expect(throttle.rateCapOf(first)).toBe(500);
    expect(throttle.rateCapOf(second)).toBe(1000);
  });

  it('lets a transfer go whose package has become an emergency', () => {
    const rates = new Map<number, number>();
    const throttle = new GeneralThrottle((commandId, rate) => rates.set(commandId, rate));
    throttle.setLimit(1000);
    throttle.add(1, first);
    throttle.add(2, second);
    throttle.release(1);
    expect([rates.get(1), rates.get(2)]).toEqual([Number.POSITIVE_INFINITY, 1000]);
  });

  it('are not those whose delivery waits, however urgent, and they take no place', () => {
    const held = { ...candidate('a', 'emergency'), heldBy: 'not-yet-available' } as const;
    expect(verdicts([held, candidate('b'), candidate('c')])).toEqual(['not-yet-available', 'run', 'run']);
  });
});
