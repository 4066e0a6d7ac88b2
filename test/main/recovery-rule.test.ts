import { describe, expect, it } from 'vitest';
import { recoveryAfterCrash } from '../../electron/main/recovery-rule.ts';

describe('a console page that crashed', () => {
  it('is loaded again the first time', () => {
    expect(recoveryAfterCrash(null, 1_000)).toBe('reload');
  });

  it('leaves it to a person when it crashes again soon', () => {
    expect(recoveryAfterCrash(1_000, 61_000)).toBe('ask');
  });

  it('is loaded again once it has held for a while', () => {
    expect(recoveryAfterCrash(1_000, 1_000 + 5 * 60_000 + 1)).toBe('reload');
  });
});
