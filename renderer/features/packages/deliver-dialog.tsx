import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import { useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { type DeliveryPriority, deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { callConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { TargetEditor, targetProblem } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';

const priorityMeanings: Record<DeliveryPriority, string> = {
  emergency: 'Emergency – pauses lower priorities and ignores windows and throttling',
  normal: 'Normal',
  background: 'Background – after everything else',
};

export function DeliverDialog({ entry, onClose }: { entry: PackageSummary; onClose: () => void }) {
  const [target, setTarget] = useState<Target>({ kind: 'all' });
  const [priority, setPriority] = useState<DeliveryPriority>('normal');
  const [isChecked, setIsChecked] = useState(false);
  const problem = targetProblem(target);

  const check = () => {
    setIsChecked(true);
    return problem === null;
  };
  const submit = async () => {
    const delivery = await callConsole('createDelivery', {
      body: { guid: entry.guid, version: entry.version, target, priority },
    });
    replaceInFeed('deliveries', (list) => [delivery, ...list.filter((other) => other.id !== delivery.id)]);
    notify('success', `“${entry.name}” ${entry.version} is being delivered.`);
  };

  return (
    <FormDialog
      title={`Deliver “${entry.name}” ${entry.version}`}
      submitLabel="Deliver"
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <TargetEditor label="Deliver to" value={target} onChange={setTarget} problem={isChecked ? problem : null} />
      <Field label="Priority">
        <RadioGroup
          value={priority}
          onChange={(_event, data) =>
            setPriority(deliveryPriorities.find((candidate) => candidate === data.value) ?? 'normal')
          }
        >
          {deliveryPriorities.map((candidate) => (
            <Radio key={candidate} value={candidate} label={priorityMeanings[candidate]} />
          ))}
        </RadioGroup>
      </Field>
    </FormDialog>
  );
}
