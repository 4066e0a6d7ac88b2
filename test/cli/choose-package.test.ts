import { expect, it } from 'vitest';
import { CommandFailure, exitCodes } from '../../electron/cli/exit-codes.ts';
import { choosePackage, packageVersion } from '../../electron/cli/package-choice.ts';
import { packageSummarySchema } from '../../shared/contracts/console-api.ts';

function summary(guidDigit: string, name: string, version: string, createdAtMs: number, withdrawn = false) {
  return packageSummarySchema.parse({
    guid: `${guidDigit.repeat(8)}-0000-4000-8000-000000000000`,
    version,
    key: guidDigit.repeat(40),
    name,
    files: 1,
    totalSizeBytes: 1,
    blockCount: 1,
    createdAtMs,
    withdrawn,
    assigned: 0,
    ready: 0,
    downloading: 0,
    failed: 0,
  });
}

const packages = [
  summary('a', 'Editor', '1.0', 10),
  summary('a', 'Editor', '2.0', 20),
  summary('a', 'Editor', '3.0', 30, true),
  summary('b', 'Patch', '1.0', 10),
  summary('c', 'Patch', '1.0', 11),
];

function failureOf(action: () => unknown): CommandFailure {
  try {
    action();
  } catch (error) {
    if (error instanceof CommandFailure) return error;
  }
  throw new Error('it did not fail');
}

it('takes the newest version that is not withdrawn', () => {
  expect(choosePackage(packages, 'Editor', undefined).version).toBe('2.0');
  expect(choosePackage(packages, 'aaaaaaaa-0000-4000-8000-000000000000', '1.0').version).toBe('1.0');
});

it('asks for the GUID where a name is not unique', () => {
  const failure = failureOf(() => choosePackage(packages, 'Patch', '1.0'));
  expect(failure.exitCode).toBe(exitCodes.usage);
  expect(failure.message).toContain('cccccccc-0000-4000-8000-000000000000');
});

it('says what there is where the version is not', () => {
  const failure = failureOf(() => choosePackage(packages, 'Editor', '3.0'));
  expect(failure.exitCode).toBe(exitCodes.notFound);
  expect(failure.message).toContain('3.0 (withdrawn), 2.0, 1.0');
  expect(failureOf(() => choosePackage(packages, 'Viewer', undefined)).exitCode).toBe(exitCodes.notFound);
});

it('shows withdrawn versions where they are named, or where there is no other', () => {
  expect(packageVersion(packages, 'Editor', undefined).version).toBe('2.0');
  expect(packageVersion(packages, 'Editor', '3.0').withdrawn).toBe(true);
  expect(packageVersion([summary('d', 'Old', '1.0', 1, true)], 'Old', undefined).version).toBe('1.0');
  const failure = failureOf(() => packageVersion(packages, 'Editor', '9.9'));
  expect(failure.message).toBe('"Editor" has no version "9.9"; there is 3.0 (withdrawn), 2.0, 1.0.');
});
