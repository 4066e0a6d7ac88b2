import { expect, it } from 'vitest';
import { settingWarnings } from '../../shared/contracts/setting-warnings.ts';
import { type AgentSettings, defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { BlockoutPeriod, ThrottlingPeriod } from '../../shared/contracts/week-periods.ts';

function warnedOf(change: Partial<AgentSettings>): readonly string[] {
  return settingWarnings({ ...defaultAgentSettings, ...change }).map(({ key }) => key);
}
const monday: BlockoutPeriod = { days: ['mon'], from: '08:00', to: '18:00', kind: 'downloads' };
const throttled = (kilobytesPerSecond: number): ThrottlingPeriod[] => [
  { days: ['mon'], from: '08:00', to: '18:00', kilobytesPerSecond },
];

it('has nothing to say of the defaults', () => {
  expect(warnedOf({})).toEqual([]);
});

it('warns of times and rates at which peers drop out', () => {
  expect(warnedOf({ requestTimeout: 10 })).toEqual(['requestTimeout']);
  expect(warnedOf({ requestTimeout: 11 })).toEqual([]);
  expect(warnedOf({ peerDownloading: true, maxUpload: 99 })).toEqual(['maxUpload']);
  expect(warnedOf({ peerDownloading: true, maxUpload: 100 })).toEqual([]);
});

it('warns of a throttle that is almost a blockout, and says how long a package takes', () => {
  expect(warnedOf({ throttlingPeriods: throttled(10) })).toEqual([]);
  const [warning] = settingWarnings({
    ...defaultAgentSettings,
    throttlingPeriods: [...throttled(500), ...throttled(5)],
  });
  expect(warning).toMatchObject({ key: 'throttlingPeriods', message: expect.stringContaining('70 MB takes 4 hours') });
});

it('warns of computers that all start again at once, where there are blockouts', () => {
  expect(warnedOf({ restartSpread: 0 })).toEqual([]);
  expect(warnedOf({ restartSpread: 0, blockouts: [monday] })).toEqual(['restartSpread']);
});

it('warns of a disk that may fill up, and of a back-off that is meant for tests', () => {
  expect(warnedOf({ minFreeDisk: 0 })).toEqual(['minFreeDisk']);
  expect(warnedOf({ sourceBackoffScale: 0.5 })).toEqual(['sourceBackoffScale']);
});
