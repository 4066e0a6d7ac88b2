import { expect, test } from 'vitest';
import { changedSettings } from '../../electron/cli/setting-values.ts';
import { typedTarget } from '../../electron/cli/target-text.ts';

test.each([
  ['all', { first: ['all', ''], next: [] }],
  ['site:Branch North', { first: ['site', 'Branch North'], next: [] }],
  [
    'site-tree:North except South except tag:lab union name:PC-*',
    {
      first: ['site-tree', 'North except South'],
      next: [
        { operation: 'except', filter: ['tag', 'lab'] },
        { operation: 'union', filter: ['name', 'PC-*'] },
      ],
    },
  ],
  ['all intersect all', { first: ['all', ''], next: [{ operation: 'intersect', filter: ['all', ''] }] }],
])('%j is a target', (text, parts) => {
  expect(typedTarget(text)).toEqual(parts);
});

test.each(['', 'everybody', 'site:', 'except tag:lab', 'tag'])('%j is none', (text) => {
  expect(typedTarget(text)).toBeNull();
});

test('settings are typed as numbers, on, off, words or JSON', () => {
  expect(
    changedSettings(['maxUpload=500', 'peerDownloading=on', 'logLevel=debug', 'additionalSubnets=["10.1.0.0/16"]']),
  ).toEqual({ maxUpload: 500, peerDownloading: true, logLevel: 'debug', additionalSubnets: ['10.1.0.0/16'] });
});

test.each([
  ['maxUpload', /no KEY=VALUE/],
  ['=5', /no KEY=VALUE/],
  ['toString=1', /no setting "toString"/],
  ['maxUpload=much', /no number/],
])('%j is no setting', (pair, message) => {
  expect(() => changedSettings([pair])).toThrow(message);
});
