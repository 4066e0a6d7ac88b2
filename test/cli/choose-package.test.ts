import { expect, it } from 'vitest';
import { choosePackage } from '../../electron/cli/deliver-command.ts';
import { CommandFailure, exitCodes } from '../../electron/cli/exit-codes.ts';
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
  expect(failure.message).toContain('1.0, 2.0, 3.0 (withdrawn)');
  expect(failureOf(() => choosePackage(packages, 'Viewer', undefined)).exitCode).toBe(exitCodes.notFound);
});
