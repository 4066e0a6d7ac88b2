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

it('warns of blockouts that leave no time of the week, also where several do so together', () => {
  const weekend: BlockoutPeriod = { days: ['sat', 'sun'], from: '00:00', to: '00:00', kind: 'total' };
  const days: BlockoutPeriod = { ...monday, days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '06:00', to: '22:00' };
  const nights: BlockoutPeriod = {
    ...days,
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'],
    from: '22:00',
    to: '06:00',
  };
  expect(warnedOf({ blockouts: [weekend, days, nights] })).toEqual(['blockouts']);
  expect(warnedOf({ blockouts: [weekend, days, { ...nights, to: '05:59' }] })).toEqual([]);
});

it('says nothing of a time that is being typed', () => {
  expect(warnedOf({ blockouts: [{ ...monday, from: '8:' }] })).toEqual([]);
});
