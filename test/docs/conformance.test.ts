import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { agentSettingsSchema } from '../../shared/contracts/settings.ts';
import { conformanceTable } from './conformance-table.ts';

const testFolder = path.resolve(import.meta.dirname, '..');
const rows = Object.entries(conformanceTable);
/** What a setting is called in a test where one body serves several. */
const titleOf = (test: string): string => `'${test}'`;

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

  it.each(rows)('%s is proved by a test that exists, over real sockets, and changes it', (key, row) => {
    expect(row.file).toMatch(/^(loopback|lab|e2e)\//);
    const source = readFileSync(path.join(testFolder, row.file), 'utf8');
    expect(source).toContain(titleOf(row.test));
    const from = source.indexOf(titleOf(row.test));
    const around = row.test.includes('%s') ? source : source.slice(from, source.indexOf('\n  it', from + 1) >>> 0);
    expect(around).toContain(key === 'deleteUnusedAfterHours' ? 'unused' : key);
  });

  it('knows which settings wait for what obeys them', () => {
    const stored = settingDescriptors.filter(({ effect }) => effect === 'stored').map(({ key }) => key);
    // Multicast downloading cannot be switched on; postponing waits for installations.
    expect(stored).toEqual(['multicastDownloading', 'allowUserPostpone']);
  });
});
