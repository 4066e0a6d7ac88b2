import { expect, it } from 'vitest';
import { draftProblems, problemsOfSetting, warningsOf } from '../../renderer/features/settings/policy-form.ts';
import {
  inOrder,
  movedBy,
  movedTo,
  orderOf,
  placeAt,
  placeWords,
} from '../../renderer/features/settings/policy-order.ts';
import { settingValueLines, settingValueWords } from '../../renderer/features/settings/setting-words.ts';
import type { Policy } from '../../shared/contracts/console-api.ts';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

function policy(id: string, isGlobal = false): Policy {
  return {
    id,
    name: id,
    isGlobal,
    priority: 1,
    target: { kind: 'all' },
    settings: defaultAgentSettings,
    version: 1,
    updatedAtMs: 0,
    updatedBy: 'ann',
    appliesToAgents: 0,
    warnings: [],
  };
}
const policies = [policy('a'), policy('b'), policy('global', true)];
const draft = { name: 'Branch', target: { kind: 'all' as const }, settings: defaultAgentSettings };

it('moves a policy by one place, never past Global nor Global itself', () => {
  const order = orderOf(policies);
  expect(movedBy(order, 'b', -1)).toEqual(['b', 'a']);
  expect(movedBy(order, 'a', -1)).toBeNull();
  expect(movedBy(order, 'b', 1)).toBeNull();
  expect(movedBy(order, 'global', -1)).toBeNull();
});

it('moves a policy to any place, and says which that is', () => {
  const many = [policy('a'), policy('b'), policy('c'), policy('global', true)];
  const order = movedTo(orderOf(many), 'a', 2);
  expect(order).toEqual(['b', 'c', 'a']);
  const shown = inOrder(many, order ?? []);
  expect(shown?.map(({ id }) => id)).toEqual(['b', 'c', 'a', 'global']);
  expect(placeWords(shown ?? [], 'a')).toBe('“a” is 3 of 4 now, before “global”.');
  expect(movedTo(orderOf(many), 'b', 1)).toBeNull();
});

it('does not show an order in which policies are missing that are there now', () => {
  expect(inOrder(policies, ['a'])).toBeNull();
  expect(inOrder(policies, ['a', 'b', 'gone'])).toBeNull();
});

it('drops a dragged policy between the rows whose middles are above and below it', () => {
  const middles = [20, 60, 100];
  expect(placeAt(middles, 0, 10)).toBe(0);
  expect(placeAt(middles, 0, 70)).toBe(1);
  expect(placeAt(middles, 0, 200)).toBe(2);
  expect(placeAt(middles, 2, 50)).toBe(1);
});

it('finds nothing wrong with the defaults', () => {
  expect(draftProblems(draft)).toEqual(new Map());
});

it('says what is wrong beside the field that it belongs to', () => {
  const settings = { ...defaultAgentSettings, port: Number.NaN, announcementInterval: 100 };
  expect(draftProblems({ ...draft, settings }).get('settings.port')).toBe('Enter a whole number from 1024 to 65535.');
  const apart = { ...defaultAgentSettings, announcementInterval: 100 };
  expect([...draftProblems({ ...draft, settings: apart }).keys()]).toEqual(['settings.unavailableTimeout']);
});

it('names the line of a list that is wrong', () => {
  const settings = { ...defaultAgentSettings, additionalSubnets: ['10.1.2.0/24', '10.1.2.3/24'] };
  expect(draftProblems({ ...draft, settings }).get('settings.additionalSubnets')).toMatch(/^Line 2: /);
});

it('says what is wrong with a period beside the part of it that is wrong', () => {
  const period = { days: [], from: '8 am', to: '18:00', kilobytesPerSecond: 0 };
  const right = { ...period, days: ['mon' as const], from: '08:00', kilobytesPerSecond: 1 };
  const problems = draftProblems({
    ...draft,
    settings: { ...defaultAgentSettings, throttlingPeriods: [right, period] },
  });
  const { whole, items } = problemsOfSetting('throttlingPeriods', problems);
  expect(whole).toBeUndefined();
  expect(items).toEqual(
    new Map([
      ['1.days', 'Choose at least one day.'],
      ['1.from', 'Enter a time of day such as 08:30.'],
      ['1.kilobytesPerSecond', 'Enter 1 or more; a time without downloads is a blockout period.'],
    ]),
  );
  expect(problemsOfSetting('blockouts', problems).items.size).toBe(0);
});

it('says a list of too many periods beside the list', () => {
  const blockout = { days: ['mon' as const], from: '08:00', to: '18:00', kind: 'total' as const };
  const settings = { ...defaultAgentSettings, blockouts: Array.from({ length: 33 }, () => blockout) };
  expect(problemsOfSetting('blockouts', draftProblems({ ...draft, settings })).whole).toBe('List at most 32 periods.');
});

it('says every default as a person would', () => {
  const words = new Map(
    settingDescriptors.map((descriptor) => [
      descriptor.key,
      settingValueWords(descriptor, defaultAgentSettings[descriptor.key]),
    ]),
  );
  expect(words.get('peerDownloading')).toBe('Off');
  expect(words.get('port')).toBe('27801');
  expect(words.get('maxUpload')).toBe('Unlimited');
  expect(words.get('requestTimeout')).toBe('30 s');
  expect(words.get('additionalSubnets')).toBe('None');
  expect(words.get('throttlingPeriods')).toBe('None');
  expect(words.get('cpuLimit')).toBe('80 %');
  expect(words.get('periodClock')).toBe('Local time of the computer');
  expect(words.get('multicastDownloading')).toBe('Off');
  expect(words.get('exceptWhen')).toBe('Cloud-enabled (outside the network)');
});

it('says each period in a line of its own where there is room', () => {
  const descriptor = settingDescriptors.find(({ key }) => key === 'blockouts');
  if (descriptor === undefined) throw new Error('no such setting');
  const blockout = { days: ['mon' as const], from: '08:00', to: '18:00', kind: 'total' as const };
  expect(settingValueLines(descriptor, [blockout, { ...blockout, days: ['sun'] }])).toEqual([
    'Mon 08:00–18:00 no communication',
    'Sun 08:00–18:00 no communication',
  ]);
  expect(settingValueLines(descriptor, [])).toEqual(['None']);
});

it('shows what the server says of a stored list of subnets until the list is changed', () => {
  const settings = { ...defaultAgentSettings, additionalSubnets: ['10.1.2.0/24'], requestTimeout: 5 };
  const warnings = ['10.1.2.0/24', '10.1.3.0/24'].map((subnet) => ({
    key: 'additionalSubnets' as const,
    message: `${subnet}: not listed back`,
  }));
  const stored = { ...policy('a'), settings, warnings };
  const shown = warningsOf({ ...draft, settings }, stored);
  expect(shown.get('additionalSubnets')).toEqual(['10.1.2.0/24: not listed back', '10.1.3.0/24: not listed back']);
  expect(shown.get('requestTimeout')).toHaveLength(1);
  const changed = warningsOf({ ...draft, settings: { ...settings, additionalSubnets: [] } }, stored);
  expect([...changed.keys()]).toEqual(['requestTimeout']);
});
