import type { z } from 'zod';
import { type Policy, type PolicyDraft, policyDraftSchema } from '../../../shared/contracts/console-api.ts';

/** What the form holds: a draft that may still be wrong. */
export type PolicyFormValues = z.input<typeof policyDraftSchema>;

export function draftOf(policy: Policy): PolicyDraft {
  return { name: policy.name, target: policy.target, settings: policy.settings };
}

/**
 * Problems by the path of their field, e.g. `settings.port`. The whole draft is checked at every change, because rules
 * span fields: the announcement interval decides which peer timeout is allowed.
 */
export function draftProblems(values: PolicyFormValues): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  const parsed = policyDraftSchema.safeParse(values);
  for (const issue of parsed.error?.issues ?? []) {
    const fieldPath = issue.path.slice(0, issue.path[0] === 'settings' ? 2 : 1).join('.');
    const line = issue.path.slice(1).find((part) => typeof part === 'number');
    const message = line === undefined ? issue.message : `Line ${line + 1}: ${issue.message}`;
    if (!problems.has(fieldPath)) problems.set(fieldPath, message);
  }
  return problems;
}
