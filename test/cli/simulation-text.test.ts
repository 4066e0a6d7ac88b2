import { describe, expect, it } from 'vitest';
import { curveLines, durationText } from '../../electron/cli/simulate/simulation-text.ts';

describe('durations', () => {
  it('are as exact as people want them', () => {
    expect([0, 12.34, 59.9, 250, 12_000, 187_200].map(durationText)).toEqual([
      '0.0 s',
      '12.3 s',
      '59.9 s',
      '4 min 10 s',
      '3 h 20 min',
      '2 d 4 h',
    ]);
  });
});

describe('the penetration curve', () => {
  it('is drawn in characters', () => {
    const lines = curveLines([
      { seconds: 0, share: 0, onShare: 1 },
      { seconds: 60, share: 0.5, onShare: 1 },
      { seconds: 120, share: 1, onShare: 1 },
    ]);
    expect(lines[1]).toBe(` 100 % |${' '.repeat(59)}#`);
    expect(lines[6]).toBe(`  50 % |${' '.repeat(29)}${'#'.repeat(31)}`);
    expect(lines[11]).toBe(`       +${'-'.repeat(60)}`);
    expect(lines[12]).toMatch(/^ {8}0 s +2 min 0 s$/);
  });

  it('is empty where nobody became ready', () => {
    expect(curveLines([{ seconds: 0, share: 0, onShare: 1 }])[1]).toBe(' 100 % |');
  });
});
