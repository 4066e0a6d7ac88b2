import { z } from 'zod';
import type { AuditEntry } from '../../../shared/contracts/audit-api.ts';
import { type Policy, type PolicyDraft, policySchema } from '../../../shared/contracts/console-api.ts';
import {
  type SettingDescriptor,
  settingDescriptors,
  settingTabLabels,
} from '../../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings, storedAgentSettingsSchema } from '../../../shared/contracts/settings.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { targetWords } from '../../components/words.ts';
import { settingValueWords } from './setting-words.ts';

/** One side: a policy as it is now, or as it was saved once. */
export interface ComparedSide {
  readonly policyId: string;
  /** Null = as it is now. */
  readonly version: number | null;
}

/** All of it is in the address, so that a colleague who opens it sees the same. */
export interface ComparisonAddress {
  readonly left: ComparedSide | null;
  readonly right: ComparedSide | null;
  /** Also what is the same on both sides. */
  readonly isAll: boolean;
}

const root = '/settings/compare-policies';

function sideText({ policyId, version }: ComparedSide): string {
  return version === null ? policyId : `${policyId}@${version}`;
}

function sideOf(text: string | null): ComparedSide | null {
  const match = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(text ?? '');
  if (match?.[1] === undefined) return null;
  return { policyId: match[1], version: match[2] === undefined ? null : Number(match[2]) };
}

export function comparisonPath({ left, right, isAll }: ComparisonAddress): string {
  const query = new URLSearchParams();
  if (left !== null) query.set('left', sideText(left));
  if (right !== null) query.set('right', sideText(right));
  if (isAll) query.set('show', 'all');
  const text = query.toString();
  return text === '' ? root : `${root}?${text}`;
}

export function comparisonOf(path: string): ComparisonAddress {
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  return { left: sideOf(query.get('left')), right: sideOf(query.get('right')), isAll: query.get('show') === 'all' };
}

const savedPolicySchema = policySchema
  .pick({ id: true, name: true, target: true, version: true, updatedAtMs: true, updatedBy: true })
  .extend({ settings: storedAgentSettingsSchema });
/** A policy as one of its saves left it. */
export type SavedPolicy = z.infer<typeof savedPolicySchema>;

const entryStatesSchema = z.tuple([savedPolicySchema.nullable(), savedPolicySchema.nullable()]);

/** The versions of a policy that the audit trail holds, the newest first, without the one that is stored now. */
export function savedVersions(
  entries: readonly Pick<AuditEntry, 'before' | 'after'>[],
  present: Pick<Policy, 'id' | 'version'>,
): readonly SavedPolicy[] {
  const versions = new Map<number, SavedPolicy>();
  for (const { before, after } of entries) {
    // Entries of other things, and of versions of Fanout that nobody can read any more, are no versions.
    const states = entryStatesSchema.safeParse([before, after]).data ?? [];
    for (const state of states) if (state?.id === present.id) versions.set(state.version, state);
  }
  versions.delete(present.version);
  return [...versions.values()].sort((a, b) => b.version - a.version);
}

export interface ComparedRow {
  /** Settings in the order of the editor, after name and target. */
  readonly number: number;
  readonly key: string;
  readonly label: string;
  readonly tab: string;
  readonly unit: string;
  readonly left: string;
  readonly right: string;
  /** '' for name and target: they have none. */
  readonly standard: string;
  readonly isSame: boolean;
}

export function comparePolicies(left: PolicyDraft, right: PolicyDraft, sites: readonly Site[]): readonly ComparedRow[] {
  const target = (policy: PolicyDraft) =>
    targetWords(policy.target, (id) => sites.find((site) => site.id === id)?.name);
  const head = { tab: 'Policy', unit: '', standard: '' };
  const rows: Omit<ComparedRow, 'number'>[] = [
    { ...head, key: 'name', label: 'Name', left: left.name, right: right.name, isSame: left.name === right.name },
    {
      ...head,
      key: 'target',
      label: 'Applies to',
      left: target(left),
      right: target(right),
      isSame: JSON.stringify(left.target) === JSON.stringify(right.target),
    },
    ...settingDescriptors.map((descriptor) => {
      const words = (settings: PolicyDraft['settings']) => settingValueWords(descriptor, settings[descriptor.key]);
      return {
        key: descriptor.key,
        label: descriptor.label,
        tab: settingTabLabels[descriptor.tab],
        unit: unitOf(descriptor),
        left: words(left.settings),
        right: words(right.settings),
        standard: words(defaultAgentSettings),
        isSame: JSON.stringify(left.settings[descriptor.key]) === JSON.stringify(right.settings[descriptor.key]),
      };
    }),
  ];
  return rows.map((row, index) => ({ ...row, number: index + 1 }));
}

function unitOf({ control }: SettingDescriptor): string {
  if (control.kind === 'throttling-periods') return 'KB/s';
  return control.kind === 'integer' || control.kind === 'decimal' ? control.unit : '';
}
