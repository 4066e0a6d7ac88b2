import { expect, it } from 'vitest';
import { startsWithDemoFleet } from '../../electron/main/demo-fleet-rule.ts';

it('shows Fanout at once from a checkout, and asks first where it was installed', () => {
  const start = { isAskedFor: false, choice: null, isInstalled: false };
  expect(startsWithDemoFleet(start)).toBe(true);
  expect(startsWithDemoFleet({ ...start, isInstalled: true })).toBe(false);
});

it.each([true, false])(
  'does what was chosen, unless the command line says otherwise (installed: %s)',
  (isInstalled) => {
    const start = { isAskedFor: false, isInstalled };
    expect(startsWithDemoFleet({ ...start, choice: 'demo-fleet' })).toBe(true);
    expect(startsWithDemoFleet({ ...start, choice: 'empty' })).toBe(false);
    expect(startsWithDemoFleet({ ...start, choice: 'empty', isAskedFor: true })).toBe(true);
  },
);
