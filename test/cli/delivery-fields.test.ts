import { expect, it } from 'vitest';
import { installationOf } from '../../electron/cli/delivery-fields.ts';

const before = {
  schedule: { kind: 'daily', timeOfDay: '17:00' },
  command: { file: 'setup.sh', arguments: ['--quiet'] },
  durationSeconds: 5,
  tries: 2,
} as const;
const installed = { ...before, command: { ...before.command, arguments: [...before.command.arguments] } };

it('installs nothing where nothing is said of it', () => {
  expect(installationOf({}, null)).toBeNull();
  expect(installationOf({ duration: 0 }, null)).toEqual({
    schedule: { kind: 'by-policy' },
    command: null,
    durationSeconds: 0,
    tries: 3,
  });
});

it('keeps what was there, and changes what is said', () => {
  expect(installationOf({}, installed)).toEqual(before);
  expect(installationOf({ tries: 1, argument: ['--all'] }, installed)).toEqual({
    ...before,
    tries: 1,
    command: { file: 'setup.sh', arguments: ['--all'] },
  });
});

it('gives another command no arguments of the one before', () => {
  expect(installationOf({ command: 'other.sh' }, installed)?.command).toEqual({ file: 'other.sh', arguments: [] });
});

it('asks for the command that arguments and tries are about', () => {
  for (const fields of [{ argument: ['--quiet'] }, { tries: 2 }]) {
    expect(() => installationOf(fields, null)).toThrow('name one with --command');
  }
});
