import { expect, it } from 'vitest';
import { mergePolicies, policyConflict } from '../../renderer/stores/policy-conflict.ts';
import type { Policy, PolicyDraft } from '../../shared/contracts/console-api.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

const base: PolicyDraft = { name: 'Branch', target: { kind: 'all' }, settings: defaultAgentSettings };

function stored(change: Partial<PolicyDraft>): Policy {
  const header = {
    id: 'p',
    priority: 1,
    isGlobal: false,
    version: 5,
    updatedAtMs: 0,
    updatedBy: 'ann',
    appliesToAgents: 0,
    warnings: [],
  };
  return { ...base, ...change, ...header };
}

const mine: PolicyDraft = { ...base, settings: { ...defaultAgentSettings, port: 30_000, maxUpload: 100 } };
const theirs = stored({ name: 'Branches', settings: { ...defaultAgentSettings, port: 31_000, maxDownload: 200 } });

it('tells what both sides changed from what only one did', () => {
  const conflict = policyConflict(base, mine, theirs);
  expect(conflict.contested).toEqual([{ part: 'port', mine: 30_000, theirs: 31_000 }]);
  expect(conflict.onlyTheirs.map(({ part }) => part)).toEqual(['name', 'maxDownload']);
  expect(conflict.onlyMine.map(({ part }) => part)).toEqual(['maxUpload']);
});

it('asks nothing where both sides made the same change', () => {
  const conflict = policyConflict(base, mine, stored({ settings: mine.settings }));
  expect(conflict.contested).toEqual([]);
  expect(conflict.onlyTheirs).toEqual([]);
});

it('keeps my value of a contested setting unless theirs was chosen, and both sides’ other changes', () => {
  const conflict = policyConflict(base, mine, theirs);
  const kept = mergePolicies(mine, conflict, new Set());
  expect(kept).toEqual({
    name: 'Branches',
    target: { kind: 'all' },
    settings: { ...defaultAgentSettings, port: 30_000, maxUpload: 100, maxDownload: 200 },
  });
  expect(mergePolicies(mine, conflict, new Set(['port'])).settings.port).toBe(31_000);
});
