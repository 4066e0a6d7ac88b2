import { expect, test } from 'vitest';
import {
  argumentsOf,
  draftOf,
  formOf,
  membersOfStages,
  momentOf,
  momentText,
  problemsBelow,
  problemsOf,
  stepOfField,
  stepsWithProblems,
  type WizardForm,
} from '../../renderer/features/deliveries/wizard-form.ts';
import { packageGuidSchema } from '../../shared/contracts/primitives.ts';

const guid = packageGuidSchema.parse('3c56c8a4-3a3e-4cfe-9e32-0a9f6a7f6d11');
const version = '2.1';
const plain = formOf(null);

const draft = (change: Partial<WizardForm>) => draftOf({ guid, version }, { ...plain, ...change });

test('an untouched form is a delivery to everybody that only brings the package', () => {
  expect(draft({})).toMatchObject({ target: { kind: 'all' }, priority: 'normal', laterStages: [], installation: null });
  expect(problemsOf(draft({})).size).toBe(0);
});

test('what only emergencies may say is left out while the priority is another one', () => {
  const said = { ignoresTotalBlockouts: true, ignoresSiteLimits: true };
  expect(draft({ ...said, priority: 'normal' })).toMatchObject({
    ignoresTotalBlockouts: false,
    ignoresSiteLimits: false,
  });
  expect(draft({ ...said, priority: 'emergency' })).toMatchObject(said);
});

test('without a file there is no command; arguments are lines and keep their spaces', () => {
  const without = draft({ isInstalled: true, commandFile: ' ', argumentsText: '--quiet' });
  expect(without.installation?.command).toBeNull();
  const command = draft({ isInstalled: true, commandFile: 'setup.sh', argumentsText: '--name=A B\n\n-q\n' });
  expect(command.installation?.command).toEqual({ file: 'setup.sh', arguments: ['--name=A B', '-q'] });
  expect(argumentsOf('')).toEqual([]);
});

test('problems stand beside their fields, and each field belongs to a step', () => {
  const problems = problemsOf(
    draft({
      target: { kind: 'subnets', subnets: ['10.0.0.0/99'] },
      laterStages: [
        {
          target: { kind: 'all' },
          start: { kind: 'after-previous', installedPercent: 200, failedPercent: Number.NaN, hours: 1 },
        },
      ],
      availableFromMs: Number.NaN,
      downloadWindows: [{ days: [], from: '20:00', to: '6' }],
      isInstalled: true,
      commandFile: '../outside',
    }),
  );
  expect(problems.get('laterStages.0.start.installedPercent')).toBe('Enter 100 or less.');
  expect(problems.get('laterStages.0.start.failedPercent')).toBe('Enter a number.');
  expect(problems.get('availableFromMs')).toBe('Enter a date and a time.');
  expect(problems.get('installation.command.file')).toContain('Name a file of the package');
  expect([...problemsBelow(problems, 'downloadWindows').keys()].sort()).toEqual(['0.days', '0.to']);
  expect([...stepsWithProblems(problems)].sort()).toEqual(['installation', 'reach', 'stages', 'times']);
  expect(stepOfField('ignoresSiteLimits')).toBe('reach');
});

test('a deadline has to come after the time from which the package is available', () => {
  const problems = problemsOf(draft({ availableFromMs: 2000, deadlineMs: 1000 }));
  expect(problems.get('deadlineMs')).toContain('has to come after');
});

test('each agent is counted in the first stage that means it', () => {
  const agents = ['a', 'b', 'c'];
  const members = membersOfStages<string>(
    [{ kind: 'names', patterns: ['a'] }, { kind: 'all' }, { kind: 'all' }],
    (target) => (target.kind === 'all' ? agents : ['a']),
  );
  expect(members).toEqual([1, 2, 0]);
});

test('moments are typed by the clock of the computer, to the minute', () => {
  const atMs = new Date(2027, 0, 31, 2, 30).getTime();
  expect(momentText(atMs)).toBe('2027-01-31T02:30');
  expect(momentOf('2027-01-31T02:30')).toBe(atMs);
  expect([momentOf(''), momentText(Number.NaN)]).toEqual([Number.NaN, '']);
});
