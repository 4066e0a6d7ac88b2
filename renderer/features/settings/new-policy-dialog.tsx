import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
} from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import { type Policy, policyDraftSchema } from '../../../shared/contracts/console-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { problemOf, TargetEditor, targetProblem } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { policyPath } from './settings-paths.ts';

const useStyles = makeStyles({ fields: { display: 'flex', flexDirection: 'column', rowGap: '12px' } });

interface NewPolicyDialogProps {
  readonly policies: readonly Policy[];
  /** The policy to duplicate, or null to begin from Global. */
  readonly copyOf: Policy | null;
  readonly onClose: () => void;
}

export function NewPolicyDialog({ policies, copyOf, onClose }: NewPolicyDialogProps) {
  const styles = useStyles();
  const origin = copyOf ?? policies.find((policy) => policy.isGlobal) ?? policies[0];
  const [name, setName] = useState(copyOf === null ? '' : `${copyOf.name} (copy)`);
  const [originId, setOriginId] = useState(origin?.id ?? '');
  // A new policy comes before Global: "all agents" would apply it everywhere by a careless Enter.
  const [target, setTarget] = useState<Target>(
    copyOf === null || copyOf.isGlobal ? { kind: 'subnets', subnets: [] } : copyOf.target,
  );
  const [isChecked, setIsChecked] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const nameProblem = policyDraftSchema.shape.name.safeParse(name).error?.issues[0]?.message;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    const settings = policies.find((policy) => policy.id === originId)?.settings;
    if (nameProblem !== undefined || targetProblem(target) !== null || settings === undefined) return;
    setIsBusy(true);
    try {
      const created = await callConsole('createPolicy', { body: { name: name.trim(), target, settings } });
      replaceInFeed('policies', (list) => withNew(list, created));
      onClose();
      navigate(policyPath(created.id));
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <Dialog open onOpenChange={(_event, data) => data.open || onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <DialogBody>
            <DialogTitle>{copyOf === null ? 'Add a policy' : `Duplicate “${copyOf.name}”`}</DialogTitle>
            <DialogContent className={styles.fields}>
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
              <TargetEditor
                label="Applies to"
                value={target}
                onChange={setTarget}
                problem={isChecked ? targetProblem(target) : null}
              />
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={isBusy}>
                Add policy
              </Button>
              <Button onClick={onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** The feed may have told of it already. */
function withNew(policies: readonly Policy[], created: Policy): Policy[] {
  const others = policies.filter((policy) => policy.id !== created.id);
  const globalAt = others.findIndex((policy) => policy.isGlobal);
  return globalAt < 0 ? [...others, created] : others.toSpliced(globalAt, 0, created);
}
