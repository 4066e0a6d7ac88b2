import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { agentSettingsSchema } from '../../shared/contracts/settings.ts';
import { conformanceTable } from './conformance-table.ts';
import { testsIn } from './tests-in-file.ts';

const testFolder = path.resolve(import.meta.dirname, '..');
const rows = Object.entries(conformanceTable);

describe('the conformance table', () => {
  it('has a row for every setting of the policy', () => {
    const settings = Object.keys(agentSettingsSchema.shape);
    expect(
      rows
        .map(([key]) => key)
        .filter((key) => key !== 'deleteUnusedAfterHours')
        .sort(),
    ).toEqual(settings.sort());
  });

  it.each(rows)('%s is proved by a test that exists, over real sockets, and gives it a value', (key, row) => {
    expect(row.file).toMatch(/^(loopback|lab|e2e)\//);
    const tests = testsIn(row.file, readFileSync(path.join(testFolder, row.file), 'utf8'));
    const named = tests.filter(({ title }) => title === row.test);
    expect(named).toHaveLength(1);
    expect([...(named[0]?.namedProperties ?? [])]).toContain(key);
  });

  it('knows which settings wait for what obeys them', () => {
    const stored = settingDescriptors.filter(({ effect }) => effect === 'stored').map(({ key }) => key);
    // Multicast downloading cannot be switched on.
    expect(stored).toEqual(['multicastDownloading']);
  });

  it('finds tests with and without a table of cases, and in each what it names itself', () => {
    const source = `
      const outside = { elsewhere: 1 };
      describe('what', () => {
        it('plain', () => change({ first: 1 }));
        it.each([['a', { second: 2 }]] as const)('with %s', { timeout: 1 }, () => change({ third: 3 }));
        test.runIf(true)('where possible', () => { const { notGiven } = outside; });
        it.each([1])(\`template\`, function () {});
      });`;
    expect(testsIn('some.test.ts', source).map(({ title, namedProperties }) => [title, ...namedProperties])).toEqual([
      ['plain', 'first'],
      ['with %s', 'second', 'timeout', 'third'],
      ['where possible'],
      ['template'],
    ]);
  });
});
