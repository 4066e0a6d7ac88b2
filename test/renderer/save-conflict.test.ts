import { expect, it } from 'vitest';
import { z } from 'zod';
import { formProblems, newSiteForm } from '../../renderer/features/sites/site-form.ts';
import { fieldProblemsOf, saveConflictOf, storedInConflict } from '../../renderer/stores/save-conflict.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';

const schema = z.object({
  name: z.string(),
  link: z.number(),
  zone: z.string(),
  note: z.string(),
  updatedBy: z.string(),
});
type Stored = z.infer<typeof schema>;

const labels = { name: 'Name', link: 'Link', zone: 'Time zone' };
const formOf = ({ name, link, zone }: Stored) => ({ name, link, zone });
const base: Stored = { name: 'Berlin', link: 20_000, zone: 'UTC', note: '', updatedBy: 'Kim' };

function refusal(current: unknown, code: 'version-conflict' | 'conflict' = 'version-conflict') {
  return new ConsoleRequestError(409, { code, message: 'No.', current });
}

/** The person typed `mine` over the base while Ann saved `theirs`. */
function conflictOf(mine: Partial<ReturnType<typeof formOf>>, theirs: Partial<Stored>) {
  const stored = { ...base, ...theirs, updatedBy: 'Ann' };
  const edited = { schema, formOf, base, mine: { ...formOf(base), ...mine }, labels };
  const conflict = saveConflictOf(refusal(stored), edited);
  expect(conflict?.stored).toEqual(stored);
  return conflict;
}

it('takes over what only somebody else changed, and keeps what was typed', () => {
  const conflict = conflictOf({ link: 30_000 }, { zone: 'Europe/Berlin' });
  expect(conflict?.form).toEqual({ name: 'Berlin', link: 30_000, zone: 'Europe/Berlin' });
  expect(conflict?.sentence).toBe(
    'Ann saved this since you opened it and changed time zone. Your changes are kept beside it. Save again to go on.',
  );
});

it('keeps what was typed where both changed the same, and says so', () => {
  const conflict = conflictOf({ link: 30_000, name: 'Berlin 2' }, { link: 10_000, zone: 'Europe/Berlin' });
  expect(conflict?.form).toEqual({ name: 'Berlin 2', link: 30_000, zone: 'Europe/Berlin' });
  expect(conflict?.sentence).toBe(
    'Ann saved this since you opened it and changed link, time zone. Yours of link still stands here and would replace it. Save again to go on.',
  );
});

it('contests nothing where both typed the same', () => {
  const conflict = conflictOf({ link: 30_000 }, { link: 30_000 });
  expect(conflict?.form.link).toBe(30_000);
  expect(conflict?.sentence).toContain('changed link. Your changes are kept beside it.');
});

it('says that something was changed that the form does not show', () => {
  const conflict = conflictOf({ link: 30_000 }, { note: 'Moved' });
  expect(conflict?.form).toEqual({ ...formOf(base), link: 30_000 });
  expect(conflict?.sentence).toContain('changed something that this form does not show');
});

it('goes on from what was stored at the first conflict when there is a second', () => {
  const first = conflictOf({ link: 30_000 }, { zone: 'Europe/Berlin' });
  if (first === null) throw new Error('it is a conflict');
  const second = { ...first.stored, name: 'Berlin Mitte', updatedBy: 'Bo' };
  const edited = { schema, formOf, base: first.stored, mine: first.form, labels };
  const conflict = saveConflictOf(refusal(second), edited);
  expect(conflict?.form).toEqual({ name: 'Berlin Mitte', link: 30_000, zone: 'Europe/Berlin' });
  expect(conflict?.sentence).toContain('Bo saved this since you opened it and changed name.');
});

it('does not fill the form of a new one with what the refusal brings', () => {
  expect(saveConflictOf(refusal(base), { schema, formOf, base: null, mine: formOf(base), labels })).toBeNull();
});

it.each([
  ['another refusal', refusal(base, 'conflict')],
  ['a conflict that brings nothing that is known', refusal({ title: 'Berlin' })],
  ['a fault of the page itself', new TypeError('No.')],
])('is no conflict: %s', (_what, error) => {
  expect(saveConflictOf(error, { schema, formOf, base, mine: formOf(base), labels })).toBeNull();
  expect(storedInConflict(error, schema)).toBeNull();
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
