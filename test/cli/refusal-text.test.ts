import { expect, it } from 'vitest';
import { refusalLines } from '../../electron/cli/refusal-text.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { ApiError } from '../../shared/contracts/errors.ts';

const linesOf = (details: ApiError) => refusalLines(new ConsoleRequestError(400, details));

it('names every field that is wrong, and none twice', () => {
  const port = { path: 'settings.port', message: 'Enter 1024 or more.' };
  const message = `The request is not valid. ${port.path}: ${port.message}`;
  const name = { path: 'name', message: 'Enter a name.' };
  expect(linesOf({ code: 'invalid-request', message, fields: [port, name] })).toEqual([
    message,
    '  name: Enter a name.',
  ]);
});

it('puts the field before a sentence that is about it alone', () => {
  const message = 'Use at least 12 characters.';
  expect(linesOf({ code: 'invalid-request', message, fields: [{ path: 'password', message }] })).toEqual([
    'password: Use at least 12 characters.',
  ]);
  expect(linesOf({ code: 'invalid-request', message, fields: [{ path: '', message }] })).toEqual([message]);
});

it('tells a stale version as a sentence, with what is saved now', () => {
  const message = 'Somebody else saved this policy since you opened it.';
  const current = { version: 4, updatedBy: 'ada', updatedAtMs: Date.UTC(2027, 0, 31, 14, 5) };
  expect(linesOf({ code: 'version-conflict', message, current })).toEqual([
    `${message} Nothing was changed: it is version 4 now, saved by ada at 2027-01-31 14:05Z. Look at it, and try again.`,
  ]);
  expect(linesOf({ code: 'version-conflict', message })).toEqual([`${message} Nothing was changed.`]);
});
