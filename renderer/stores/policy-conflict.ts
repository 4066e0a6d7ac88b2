import type { Policy, PolicyDraft } from '../../shared/contracts/console-api.ts';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import type { AgentSettingKey } from '../../shared/contracts/settings.ts';

/** A part of a policy that can be changed on its own. */
export type PolicyPart = 'name' | 'target' | AgentSettingKey;
type PartValue = PolicyDraft['name'] | PolicyDraft['target'] | PolicyDraft['settings'][AgentSettingKey];

export interface PolicyDifference {
  readonly part: PolicyPart;
  readonly mine: PartValue;
  readonly theirs: PartValue;
}

export interface PolicyConflict {
  readonly theirs: Policy;
  /** Changed on both sides, to different values: a person has to choose. */
  readonly contested: readonly PolicyDifference[];
  /** Changed by the other side only: taken over without a question. */
  readonly onlyTheirs: readonly PolicyDifference[];
  /** Changed on this side only: kept without a question. */
  readonly onlyMine: readonly PolicyDifference[];
}

const parts: readonly PolicyPart[] = ['name', 'target', ...settingDescriptors.map((descriptor) => descriptor.key)];

function partOf(policy: PolicyDraft, part: PolicyPart): PartValue {
  if (part === 'name') return policy.name;
  return part === 'target' ? policy.target : policy.settings[part];
}

function isSame(a: PartValue, b: PartValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Compares both sides with the version that the edit began from. */
export function policyConflict(base: PolicyDraft, mine: PolicyDraft, theirs: Policy): PolicyConflict {
  const contested: PolicyDifference[] = [];
  const onlyTheirs: PolicyDifference[] = [];
  const onlyMine: PolicyDifference[] = [];
  for (const part of parts) {
    const difference = { part, mine: partOf(mine, part), theirs: partOf(theirs, part) };
    if (isSame(difference.mine, difference.theirs)) continue;
    const was = partOf(base, part);
    if (isSame(difference.theirs, was)) onlyMine.push(difference);
    else if (isSame(difference.mine, was)) onlyTheirs.push(difference);
    else contested.push(difference);
  }
  return { theirs, contested, onlyTheirs, onlyMine };
}

/** The policy after the choice: what is in `takeTheirs`, and what only they changed, is theirs; the rest is mine. */
export function mergePolicies(
  mine: PolicyDraft,
  conflict: PolicyConflict,
  takeTheirs: ReadonlySet<PolicyPart>,
): PolicyDraft {
  const { theirs } = conflict;
  const isTheirs = (part: PolicyPart) =>
    takeTheirs.has(part) || conflict.onlyTheirs.some((difference) => difference.part === part);
  const settings = Object.fromEntries(
    settingDescriptors.map(({ key }) => [key, (isTheirs(key) ? theirs : mine).settings[key]]),
  );
  return {
    name: isTheirs('name') ? theirs.name : mine.name,
    target: isTheirs('target') ? theirs.target : mine.target,
    settings: { ...mine.settings, ...settings },
  };
}
