import { expect, it } from 'vitest';
import {
  comparePolicies,
  comparisonOf,
  comparisonPath,
  savedVersions,
} from '../../renderer/features/settings/policy-comparison.ts';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

const policy = { name: 'Labs', target: { kind: 'all' as const }, settings: defaultAgentSettings };

it('keeps both sides and what is shown in the address', () => {
  const address = { left: { policyId: 'a-1', version: null }, right: { policyId: 'b-2', version: 7 }, isAll: true };
  expect(comparisonOf(comparisonPath(address))).toEqual(address);
  expect(comparisonOf('/settings/compare-policies?left=a@x&right=@3')).toEqual({
    left: null,
    right: null,
    isAll: false,
  });
});

it('compares name, target and every setting, with unit and default', () => {
  const other = {
    ...policy,
    target: { kind: 'names' as const, patterns: ['LAB-*'] },
    settings: { ...defaultAgentSettings, maxUpload: 500 },
  };
  const rows = comparePolicies(policy, other, []);
  expect(rows).toHaveLength(settingDescriptors.length + 2);
  const different = rows.filter(({ isSame }) => !isSame);
  expect(different.map(({ label, left, right, standard, unit }) => [label, left, right, standard, unit])).toEqual([
    ['Applies to', 'All agents', 'LAB-*', '', ''],
    ['Maximum upload bandwidth', 'Unlimited', '500 KB/s', 'Unlimited', 'KB/s'],
  ]);
});

it('finds the saved versions of a policy among the entries of its name', () => {
  const saved = (version: number, settings: object = defaultAgentSettings) => {
    return { ...policy, id: 'a', version, updatedAtMs: version, updatedBy: 'ann', settings };
  };
  const entries = [
    { before: saved(2), after: saved(3) },
    // A version of Fanout that did not know all settings yet.
    { before: saved(1, { maxUpload: 9 }), after: saved(2) },
    { before: null, after: { ...saved(1), id: 'another' } },
    { before: ['x'], after: { tags: [] } },
  ];
  const versions = savedVersions(entries, { id: 'a', version: 3 });
  expect(versions.map(({ version }) => version)).toEqual([2, 1]);
  expect(versions[1]?.settings).toEqual({ ...defaultAgentSettings, maxUpload: 9 });
});
