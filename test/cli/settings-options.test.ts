import { expect, it } from 'vitest';
import { keepingOption, keepingText, plugInOption } from '../../electron/cli/settings-command.ts';
import { siteSettingsLines } from '../../electron/cli/site-settings-command.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';

it('takes how long packages are kept in hours, days or weeks, from a day to a year', () => {
  expect(['24h', '10d', '2w', '365d'].map(keepingOption)).toEqual([24, 240, 336, 8760]);
  for (const text of ['', '24', '23h', '0d', '366d', '1y', '-1d', '1.5d', '9999999d']) {
    expect(() => keepingOption(text)).toThrow('Give a time from 1d to 365d');
  }
});

it('says how long in the largest whole unit', () => {
  expect([24, 36, 168, 336, 8760].map(keepingText)).toEqual(['1 day', '36 hours', '1 week', '2 weeks', '365 days']);
});

it('takes a time of day, or as soon as possible', () => {
  expect(plugInOption('asap')).toEqual({ install: 'as-soon-as-possible' });
  expect(plugInOption('07:30')).toEqual({ install: 'at-time', timeOfDay: '07:30' });
  for (const text of ['', '24:00', '7:30', 'now']) expect(() => plugInOption(text)).toThrow('Give a time of day');
});

it('lists site settings with the names of their sites', () => {
  const rule = { id: 'r', version: 3, updatedAtMs: 0, updatedBy: 'ada', appliesToSites: 2, warnings: [] };
  const target = { kind: 'sites', siteIds: ['s', 'gone'], withChildren: true } as const;
  const settings = { ...defaultSiteSettings, sharedOutboundKilobytesPerSecond: 500, preventNotificationServer: true };
  const rules = [
    { ...rule, name: 'Branches', priority: 1, target: { ...target, siteIds: [...target.siteIds] }, settings },
  ];
  const [, line] = siteSettingsLines(rules, [{ id: 's', name: 'Europe' }]);
  expect(line).toMatch(/^1 +Branches +Europe, gone and below +2 +500 KB\/s +prevented +allowed +3$/);
});
