import type { z } from 'zod';
import { type Policy, type PolicyDraft, policyDraftSchema } from '../../../shared/contracts/console-api.ts';
import { settingWarnings } from '../../../shared/contracts/setting-warnings.ts';
import type { AgentSettingKey, AgentSettings } from '../../../shared/contracts/settings.ts';

/** What the form holds: a draft that may still be wrong. */
export type PolicyFormValues = z.input<typeof policyDraftSchema>;

export function draftOf(policy: Policy): PolicyDraft {
  return { name: policy.name, target: policy.target, settings: policy.settings };
}

/**
 * Problems by the path of their field, e.g. `settings.port` or `settings.blockouts.0.from`. The whole draft is checked at
 * every change, because rules span fields: the announcement interval decides which peer timeout is allowed.
 */
export function draftProblems(values: PolicyFormValues): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  const parsed = policyDraftSchema.safeParse(values);
  for (const { path, message } of parsed.error?.issues ?? []) {
    const { field, line } = fieldOf(path);
    if (!problems.has(field)) problems.set(field, line === null ? message : `Line ${line + 1}: ${message}`);
  }
  return problems;
}

/** A list of texts is one field, and the problem names its line; a list of periods has a field for each part of each. */
function fieldOf(path: readonly PropertyKey[]): { field: string; line: number | null } {
  if (path[0] !== 'settings') {
    const line = path.find((part) => typeof part === 'number');
    return { field: String(path[0]), line: line ?? null };
  }
  const [, key, item, part] = path;
  if (typeof item === 'number' && typeof part === 'string') {
    return { field: `settings.${String(key)}.${item}.${part}`, line: null };
  }
  return { field: `settings.${String(key)}`, line: typeof item === 'number' ? item : null };
}

/** The problem of a setting as a whole, and those of the parts of its list by their place in it, e.g. `0.from`. */
export function problemsOfSetting(
  key: AgentSettingKey,
  problems: ReadonlyMap<string, string>,
): { readonly whole: string | undefined; readonly items: ReadonlyMap<string, string> } {
  const prefix = `settings.${key}.`;
  const items = [...problems].filter(([field]) => field.startsWith(prefix));
  return {
    whole: problems.get(`settings.${key}`),
    items: new Map(items.map(([field, message]) => [field.slice(prefix.length), message])),
  };
}

/**
 * What is allowed and unwise, by setting. What the server says of a stored value is shown as long as that value is in the
 * form: it knows the other policies and where agents are, the form does not.
 */
export function warningsOf(values: PolicyFormValues, stored: Policy): ReadonlyMap<AgentSettingKey, readonly string[]> {
  const settings = values.settings as AgentSettings;
  const ofServer = stored.warnings.filter(
    ({ key }) => JSON.stringify(settings[key]) === JSON.stringify(stored.settings[key]),
  );
  const warnings = new Map<AgentSettingKey, string[]>();
  for (const { key, message } of [...settingWarnings(settings), ...ofServer]) {
    warnings.set(key, [...(warnings.get(key) ?? []), message]);
  }
  return warnings;
}
