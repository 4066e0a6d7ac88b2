import { expect, it } from 'vitest';
import { z } from 'zod';
import { formProblems, newSiteForm } from '../../renderer/features/sites/site-form.ts';
import { conflictWords, fieldProblemsOf, rebased, storedInConflict } from '../../renderer/stores/save-conflict.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';

const base = { name: 'Berlin', link: 20_000, zone: 'UTC' };
const labels = { name: 'Name', link: 'Link', zone: 'Time zone' };

it('takes over what only somebody else changed, and keeps what was typed', () => {
  const merged = rebased(base, { ...base, link: 30_000 }, { ...base, zone: 'Europe/Berlin' });
  expect(merged).toEqual({
    form: { name: 'Berlin', link: 30_000, zone: 'Europe/Berlin' },
    theirs: ['zone'],
    contested: [],
  });
  expect(conflictWords('Ann', merged, labels)).toBe(
    'Ann saved this since you opened it and changed time zone. Your changes are kept beside it. Save again to go on.',
  );
});

it('keeps what was typed where both changed the same, and says so', () => {
  const merged = rebased(base, { ...base, link: 30_000 }, { ...base, link: 10_000 });
  expect(merged.form.link).toBe(30_000);
  expect(merged.contested).toEqual(['link']);
  expect(conflictWords('Ann', merged, labels)).toContain('Yours of link still stands here and would replace it.');
});

it('contests nothing where both typed the same', () => {
  const mine = { ...base, link: 30_000 };
  expect(rebased(base, mine, mine).contested).toEqual([]);
});

it('finds the stored one in a conflict, and in nothing else', () => {
  const schema = z.object({ name: z.string() });
  const refusal = (code: 'version-conflict' | 'conflict', current: unknown) =>
    new ConsoleRequestError(409, { code, message: 'No.', current });
  expect(storedInConflict(refusal('version-conflict', { name: 'A' }), schema)).toEqual({ name: 'A' });
  expect(storedInConflict(refusal('version-conflict', { title: 'A' }), schema)).toBeNull();
  expect(storedInConflict(refusal('conflict', { name: 'A' }), schema)).toBeNull();
});

it('shows the problem of one subnet beside all of them', () => {
  const error = new ConsoleRequestError(400, {
    code: 'invalid-request',
    message: 'No.',
    fields: [
      { path: 'subnets.1', message: 'First.' },
      { path: 'subnets.2', message: 'Second.' },
    ],
  });
  expect([...fieldProblemsOf(error)]).toEqual([['subnets', 'First.']]);
});

it('names the subnet that is none, before anything is sent', () => {
  const form = { ...newSiteForm(null, ['10.1.2.0/24']), name: 'Berlin', wanKilobitsPerSecond: Number.NaN };
  const problems = formProblems({ ...form, subnets: '10.1.2.0/24, 10.1.3.7/24' });
  expect(problems.get('subnets')).toContain('“10.1.3.7/24” is not a subnet');
  expect(problems.get('wanKilobitsPerSecond')).toContain('whole number');
  expect([...problems.keys()].sort()).toEqual(['subnets', 'wanKilobitsPerSecond']);
});
