import { describe, expect, test } from 'vitest';
import { requestedRange } from '../../shared/base/byte-range.ts';

describe('the Range header', () => {
  test.each([
    ['bytes=0-0', { first: 0, end: 1 }],
    ['bytes=10-', { first: 10, end: 100 }],
    ['bytes=10-1000', { first: 10, end: 100 }],
    ['bytes=-5', { first: 95, end: 100 }],
    ['bytes=-500', { first: 0, end: 100 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [undefined, 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=5-2', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['lines=1-2', 'whole'],
    ['bytes=1e3-', 'whole'],
  ])('%s of 100 bytes', (header, expected) => {
    expect(requestedRange(header, 100)).toEqual(expected);
  });
});
