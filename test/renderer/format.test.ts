import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCopies,
  formatQuantity,
  formatRate,
  formatShare,
} from '../../renderer/components/format.ts';

it('writes bytes 1,000-based with three significant digits', () => {
  const written = [0, 999, 1000, 1500, 12_345, 99_960, 104_000_000, 999_499, 999_500, 2_340_000_000].map(formatBytes);
  expect(written).toEqual([
    '0 B',
    '999 B',
    '1.00 KB',
    '1.50 KB',
    '12.3 KB',
    '100 KB',
    '104 MB',
    '999 KB',
    '1.00 MB',
    '2.34 GB',
  ]);
  expect(formatRate(2_500_000)).toBe('2.50 MB/s');
});

it('never writes a number of four digits before a unit', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      expect(Number.parseFloat(formatBytes(bytes))).toBeLessThan(1000);
    }),
  );
});

it('does not round a share up to all of it', () => {
  expect(formatShare(99_999, 100_000)).toBe('99.9 %');
  expect(formatShare(1, 1)).toBe('100 %');
  expect(formatShare(1, 1_000_000)).toBe('< 0.1 %');
});

it('invents no share where nothing was delivered', () => {
  expect(formatShare(0, 0)).toBe('–');
});

it('shows WAN copies to two digits', () => {
  expect(formatCopies(1)).toBe('1.00');
});

it('says how long ago something was, and "just now" for a clock that is ahead', () => {
  const nowMs = 10_000_000_000;
  const ago = (seconds: number) => formatAgo(nowMs - seconds * 1000, nowMs);
  expect([ago(-30), ago(1), ago(59), ago(60), ago(3600), ago(86_400), ago(172_800)]).toEqual([
    'just now',
    'just now',
    '59 s ago',
    '1 min ago',
    '1 h ago',
    '24 h ago',
    '2 days ago',
  ]);
});

it('uses the singular for one', () => {
  expect([formatQuantity(0, 'agent'), formatQuantity(1, 'agent'), formatQuantity(10_000, 'agent')]).toEqual([
    '0 agents',
    '1 agent',
    '10,000 agents',
  ]);
});
