import { expect, test } from 'vitest';
import { actionWords, changedPaths, valueAt, valueWords } from '../../renderer/features/audit/audit-words.ts';

test('actions and values are said in words', () => {
  expect(actionWords('update-site-settings')).toBe('Update site settings');
  const said = [undefined, null, true, false, '', 'North', 7, ['10.0.0.0/24']].map(valueWords);
  expect(said).toEqual(['not there', 'none', 'on', 'off', 'empty', 'North', '7', '["10.0.0.0/24"]']);
  expect(valueWords('x'.repeat(1000))).toHaveLength(301);
});

test('a change shows what differs, and something new all of it, one level deep', () => {
  const before = { name: 'a', settings: { maxUpload: 1, port: 2 } };
  const after = { name: 'a', settings: { maxUpload: 5, port: 2 } };
  expect(changedPaths(before, after)).toEqual(['settings.maxUpload']);
  expect(changedPaths(null, after)).toEqual(['name', 'settings.maxUpload', 'settings.port']);
  expect(changedPaths(before, null)).toEqual(['name', 'settings.maxUpload', 'settings.port']);
  expect(changedPaths('a', 'b')).toEqual(['']);
  expect([valueAt(after, 'settings.maxUpload'), valueAt(after, 'settings.none'), valueAt('x', '')]).toEqual([
    5,
    undefined,
    'x',
  ]);
});
