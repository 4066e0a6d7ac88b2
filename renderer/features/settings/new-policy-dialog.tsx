import { Field, Input, Select } from '@fluentui/react-components';
import { useState } from 'react';
import { type Policy, policyDraftSchema } from '../../../shared/contracts/console-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { changeConsole } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { isTargetComplete, problemOf, TargetEditor } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { policyPath } from './settings-paths.ts';

interface NewPolicyDialogProps {
  readonly policies: readonly Policy[];
  /** The policy to duplicate, or null to begin from Global. */
  readonly copyOf: Policy | null;
  readonly onClose: () => void;
}

export function NewPolicyDialog({ policies, copyOf, onClose }: NewPolicyDialogProps) {
  const origin = copyOf ?? policies.find((policy) => policy.isGlobal) ?? policies[0];
  const [name, setName] = useState(copyOf === null ? '' : `${copyOf.name} (copy)`);
  const [originId, setOriginId] = useState(origin?.id ?? '');
  // A new policy comes before Global: "all agents" would apply it everywhere by a careless Enter.
  const [target, setTarget] = useState<Target>(
    copyOf === null || copyOf.isGlobal ? { kind: 'subnets', subnets: [] } : copyOf.target,
  );
  const [isChecked, setIsChecked] = useState(false);
  const nameProblem = policyDraftSchema.shape.name.safeParse(name).error?.issues[0]?.message;

  const settings = policies.find((policy) => policy.id === originId)?.settings;
  const check = () => {
    setIsChecked(true);
    return nameProblem === undefined && isTargetComplete(target);
  };
  const submit = async () => {
    if (settings === undefined) throw new Error('That policy was deleted meanwhile. Choose another one to start from.');
    const { answer: created, changes } = await changeConsole('createPolicy', {
      body: { name: name.trim(), target, settings },
    });
    replaceInFeed('policies', (list) => withNew(list, created));
    navigate(policyPath(created.id));
    notifyChange(`“${created.name}” is added, last before Global.`, changes);
  };

  return (
    <FormDialog
      title={copyOf === null ? 'Add a policy' : `Duplicate “${copyOf.name}”`}
      submitLabel="Add policy"
      typed={{ name, originId, target }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" required {...problemOf(isChecked ? nameProblem : undefined)}>
        <Input value={name} onChange={(_event, data) => setName(data.value)} />
      </Field>
      {copyOf === null && (
        <Field label="Start from the settings of">
          <Select value={originId} onChange={(_event, data) => setOriginId(data.value)}>
            {policies.map((policy) => (
              <option key={policy.id} value={policy.id}>
                {policy.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <TargetEditor label="Applies to" value={target} onChange={setTarget} isChecked={isChecked} policyId={null} />
    </FormDialog>
  );
}

/** The feed may have told of it already. */
function withNew(policies: readonly Policy[], created: Policy): Policy[] {
  const others = policies.filter((policy) => policy.id !== created.id);
  const globalAt = others.findIndex((policy) => policy.isGlobal);
  return globalAt < 0 ? [...others, created] : others.toSpliced(globalAt, 0, created);
}
