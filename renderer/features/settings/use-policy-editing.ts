import { useEffect, useState } from 'react';
import { type UseFormReturn, useForm } from 'react-hook-form';
import {
  type Policy,
  type PolicyDraft,
  policyDraftSchema,
  policySchema,
} from '../../../shared/contracts/console-api.ts';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { mergePolicies, type PolicyConflict, type PolicyPart, policyConflict } from '../../stores/policy-conflict.ts';
import { draftOf, draftProblems, type PolicyFormValues } from './policy-form.ts';

export interface PolicyEditing {
  readonly form: UseFormReturn<PolicyFormValues>;
  readonly values: PolicyFormValues;
  /** The stored policy that the edit began from. */
  readonly base: Policy;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** By the path of the field. */
  readonly problems: ReadonlyMap<string, string>;
  readonly conflict: PolicyConflict | null;
  save(): Promise<void>;
  merge(takeTheirs: ReadonlySet<PolicyPart>): Promise<void>;
  takeTheirs(): void;
  closeConflict(): void;
  discard(): void;
}

/** The edit of one policy: what is typed, what is wrong with it, and how it is saved against a version. */
export function usePolicyEditing(policy: Policy): PolicyEditing {
  const [base, setBase] = useState(policy);
  const form = useForm<PolicyFormValues>({ defaultValues: draftOf(policy) });
  const [serverProblems, setServerProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [conflict, setConflict] = useState<PolicyConflict | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const values = form.watch();
  const isDirty = JSON.stringify(values) !== JSON.stringify(draftOf(base));

  const startFrom = (stored: Policy) => {
    setBase(stored);
    form.reset(draftOf(stored));
    setServerProblems(new Map());
    setConflict(null);
  };

  // Somebody else saved and nothing is being edited here: show it. With edits the person is told instead.
  useEffect(() => {
    if (policy.version <= base.version || isDirty) return;
    setBase(policy);
    form.reset(draftOf(policy));
  }, [policy, base.version, isDirty, form]);

  const store = async (draft: PolicyDraft, from: Policy) => {
    setIsSaving(true);
    try {
      const { answer: stored, changes } = await changeConsole('updatePolicy', {
        params: { id: policy.id },
        body: { ...draft, version: from.version },
      });
      startFrom(stored);
      replaceInFeed('policies', (policies) => policies.map((other) => (other.id === stored.id ? stored : other)));
      notifyChange(`“${stored.name}” is saved as version ${stored.version}.`, changes);
    } catch (error) {
      const theirs = storedPolicyOf(error);
      if (theirs !== null) setConflict(policyConflict(draftOf(base), draft, theirs));
      else {
        setServerProblems(fieldProblemsOf(error));
        notify('error', messageOf(error));
      }
    } finally {
      setIsSaving(false);
    }
  };

  return {
    form,
    values,
    base,
    isDirty,
    isSaving,
    problems: new Map([...serverProblems, ...draftProblems(values)]),
    conflict,
    async save() {
      const draft = policyDraftSchema.safeParse(values);
      setServerProblems(new Map());
      if (draft.success) await store(draft.data, base);
    },
    async merge(takeTheirs) {
      const draft = policyDraftSchema.safeParse(values);
      if (conflict === null || !draft.success) return;
      await store(mergePolicies(draft.data, conflict, takeTheirs), conflict.theirs);
    },
    takeTheirs() {
      if (conflict !== null) startFrom(conflict.theirs);
    },
    closeConflict: () => setConflict(null),
    discard: () => startFrom(policy.version > base.version ? policy : base),
  };
}

/** What is stored now, where the error says that the saved version was stale. */
function storedPolicyOf(error: unknown): Policy | null {
  if (!(error instanceof ConsoleRequestError) || error.details.code !== 'version-conflict') return null;
  const stored = policySchema.safeParse(error.details.current);
  return stored.success ? stored.data : null;
}

function fieldProblemsOf(error: unknown): ReadonlyMap<string, string> {
  if (!(error instanceof ConsoleRequestError)) return new Map();
  return new Map((error.details.fields ?? []).map(({ path, message }) => [path, message]));
}
