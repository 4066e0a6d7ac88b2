import { Field, Input, Radio, RadioGroup, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { channelContentSchema } from '../../../shared/contracts/channels.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { type DeliveryPriority, deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { changeConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { priorityWords } from '../../components/words.ts';
import { channelSaved, contentOf } from './channel-changes.ts';

interface ChannelDialogProps {
  /** Null: a new one. */
  readonly channel: Channel | null;
  readonly onSaved?: (channel: Channel) => void;
  readonly onClose: () => void;
}

export function ChannelDialog({ channel, onSaved, onClose }: ChannelDialogProps) {
  const [name, setName] = useState(channel?.name ?? '');
  const [description, setDescription] = useState(channel?.description ?? '');
  const [priority, setPriority] = useState<DeliveryPriority>(channel?.priority ?? 'background');
  const [isChecked, setIsChecked] = useState(false);
  const content = channelContentSchema.safeParse({
    ...(channel === null ? {} : contentOf(channel)),
    name,
    description,
    priority,
  });
  const problem = (field: string) =>
    isChecked ? content.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  const check = () => {
    setIsChecked(true);
    return content.success;
  };
  const submit = async () => {
    if (!content.success) return;
    const { answer: saved, changes } =
      channel === null
        ? await changeConsole('createChannel', { body: content.data })
        : await changeConsole('updateChannel', {
            params: { id: channel.id },
            body: { ...content.data, version: channel.version },
          });
    channelSaved(`“${saved.name}” is saved.`, changes);
    onSaved?.(saved);
  };
  return (
    <FormDialog
      title={channel === null ? 'Make a channel' : `Change “${channel.name}”`}
      submitLabel={channel === null ? 'Make channel' : 'Save changes'}
      typed={{ name, description, priority }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" required {...problemOf(problem('name'))}>
        <Input value={name} onChange={(_event, { value }) => setName(value)} />
      </Field>
      <Field label="Description" {...problemOf(problem('description'))}>
        <Textarea value={description} rows={2} onChange={(_event, { value }) => setDescription(value)} />
      </Field>
      <Field label="Priority" hint="An emergency waits for no window.">
        <RadioGroup
          value={priority}
          onChange={(_event, data) =>
            setPriority(deliveryPriorities.find((candidate) => candidate === data.value) ?? 'background')
          }
        >
          {deliveryPriorities.map((candidate) => (
            <Radio key={candidate} value={candidate} label={priorityWords[candidate]} />
          ))}
        </RadioGroup>
      </Field>
    </FormDialog>
  );
}
