import { describe, expect, test } from 'vitest';
import { installOption, momentOption, stageOption, windowOption } from '../../electron/cli/delivery-text.ts';

describe('stages on the command line', () => {
  test('stand behind their targets, which may hold the same signs', () => {
    const first = stageOption('name:a=b=95/2.5/24');
    expect(stageOption('all=by-hand', first)).toEqual([
      { target: 'name:a=b', start: { kind: 'after-previous', installedPercent: 95, failedPercent: 2.5, hours: 24 } },
      { target: 'all', start: { kind: 'by-hand' } },
    ]);
  });

  test.each([
    'all',
    '=by-hand',
    'all=',
    'all=95',
    'all=95/2',
    'all=95//24',
    'all=95/2/24/1',
    'all=101/0/0',
    'all=a/b/c',
  ])('%s is refused with an example', (text) => expect(() => stageOption(text)).toThrow(/site:Berlin=95\/2\/24/));
});

describe('times on the command line', () => {
  test('windows name days one by one and from one to another', () => {
    expect(windowOption('mon-wed,sat 20:00-06:00')).toEqual([
      { days: ['mon', 'tue', 'wed', 'sat'], from: '20:00', to: '06:00' },
    ]);
  });

  test.each(['', 'mon', 'mon 20:00', 'fri-mon 01:00-02:00', 'mon,mon 01:00-02:00', 'mon 24:00-25:00'])(
    'the window "%s" is refused',
    (text) => expect(() => windowOption(text)).toThrow(/mon-fri 20:00-06:00/),
  );

  test('of an installation are said in one word', () => {
    expect(
      ['by-policy', 'asap', 'at:2027-01-31T02:30', 'daily:17:00', 'window:sat 02:00-05:00'].map(installOption),
    ).toEqual([
      { kind: 'by-policy' },
      { kind: 'as-soon-as-possible' },
      { kind: 'at', localTime: '2027-01-31T02:30' },
      { kind: 'daily', timeOfDay: '17:00' },
      { kind: 'in-windows', windows: [{ days: ['sat'], from: '02:00', to: '05:00' }] },
    ]);
    for (const text of ['now', 'at:2027-02-30T01:00', 'daily:25:00', 'window:x'])
      expect(() => installOption(text)).toThrow();
  });

  test('moments say their zone, because the server may be elsewhere', () => {
    expect(momentOption('2027-01-31T02:30+01:00')).toBe(Date.parse('2027-01-31T01:30Z'));
    for (const text of ['2027-01-31T02:30', 'tomorrow', '2027-13-31T02:30Z'])
      expect(() => momentOption(text)).toThrow();
  });
});
