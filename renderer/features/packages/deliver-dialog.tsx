import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
} from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { type DeliveryPriority, deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { TargetEditor, targetProblem } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';

const priorityMeanings: Record<DeliveryPriority, string> = {
  emergency: 'Emergency – pauses lower priorities and ignores windows and throttling',
  normal: 'Normal',
  background: 'Background – after everything else',
};

const useStyles = makeStyles({ fields: { display: 'flex', flexDirection: 'column', rowGap: '12px' } });

export function DeliverDialog({ entry, onClose }: { entry: PackageSummary; onClose: () => void }) {
  const styles = useStyles();
  const [target, setTarget] = useState<Target>({ kind: 'all' });
  const [priority, setPriority] = useState<DeliveryPriority>('normal');
  const [isChecked, setIsChecked] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const problem = targetProblem(target);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    if (problem !== null) return;
    setIsBusy(true);
    try {
      const delivery = await callConsole('createDelivery', {
        body: { guid: entry.guid, version: entry.version, target, priority },
      });
      replaceInFeed('deliveries', (list) => [delivery, ...list.filter((other) => other.id !== delivery.id)]);
      notify('success', `“${entry.name}” ${entry.version} is being delivered.`);
      onClose();
    } catch (error) {
      setRefusal(messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <Dialog open onOpenChange={(_event, data) => data.open || onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <DialogBody>
            <DialogTitle>
              Deliver “{entry.name}” {entry.version}
            </DialogTitle>
            <DialogContent className={styles.fields}>
              {refusal !== null && (
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>{refusal}</MessageBarBody>
                </MessageBar>
              )}
              <TargetEditor
                label="Deliver to"
                value={target}
                onChange={setTarget}
                problem={isChecked ? problem : null}
              />
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
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={isBusy}>
                Deliver
              </Button>
              <Button onClick={onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
