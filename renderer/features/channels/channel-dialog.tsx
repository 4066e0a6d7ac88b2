import { Field, Input, Radio, RadioGroup, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { type ChannelContent, channelContentSchema } from '../../../shared/contracts/channels.ts';
import { type Channel, channelSchema } from '../../../shared/contracts/channels-api.ts';
import { deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { askAgain } from '../../api/answers.ts';
import { changeConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { priorityWords } from '../../components/words.ts';
import { saveConflictOf } from '../../stores/save-conflict.ts';
import { WindowsField } from '../deliveries/windows-field.tsx';
import { channelSaved, contentOf } from './channel-changes.ts';

type ChannelForm = Pick<ChannelContent, 'name' | 'description' | 'priority' | 'windows'>;

const labels: Record<keyof ChannelForm, string> = {
  name: 'Name',
  description: 'Description',
  priority: 'Priority',
  windows: 'Hours',
};

function formOf({ name, description, priority, windows }: ChannelForm): ChannelForm {
  return { name, description, priority, windows };
}

interface ChannelDialogProps {
  /** Null: a new one. */
  readonly channel: Channel | null;
  readonly onSaved?: (channel: Channel) => void;
  readonly onClose: () => void;
}

export function ChannelDialog({ channel, onSaved, onClose }: ChannelDialogProps) {
  /** What the form began from: the channel as it was opened, or as somebody else saved it since. */
  const [base, setBase] = useState(channel);
  const [form, setForm] = useState<ChannelForm>(() =>
    channel === null ? { name: '', description: '', priority: 'background', windows: [] } : formOf(channel),
  );
  const [isChecked, setIsChecked] = useState(false);
  const set = (change: Partial<ChannelForm>) => setForm((current) => ({ ...current, ...change }));
  const content = channelContentSchema.safeParse({ ...(base === null ? {} : contentOf(base)), ...form });
  const problems = new Map(
    isChecked ? content.error?.issues.map(({ path, message }) => [path.join('.'), message] as const).toReversed() : [],
  );
  const check = () => {
    setIsChecked(true);
    return content.success;
  };
  const submit = async () => {
    if (!content.success) return;
    try {
      const { answer: saved, changes } =
        base === null
          ? await changeConsole('createChannel', { body: content.data })
          : await changeConsole('updateChannel', {
              params: { id: base.id },
              body: { ...content.data, version: base.version },
            });
      channelSaved(`“${saved.name}” is saved.`, changes);
      onSaved?.(saved);
    } catch (error) {
      const conflict = saveConflictOf(error, { schema: channelSchema, formOf, base, mine: form, labels });
      if (conflict === null) throw error;
      setForm(conflict.form);
      setBase(conflict.stored);
      askAgain('channels');
      throw new Error(conflict.sentence);
    }
  };
  return (
    <FormDialog
      title={channel === null ? 'Make a channel' : `Change “${channel.name}”`}
      submitLabel={channel === null ? 'Make channel' : 'Save changes'}
      isWide
      typed={form}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={labels.name} required {...problemOf(problems.get('name'))}>
        <Input value={form.name} onChange={(_event, { value }) => set({ name: value })} />
      </Field>
      <Field label={labels.description} {...problemOf(problems.get('description'))}>
        <Textarea value={form.description} rows={2} onChange={(_event, { value }) => set({ description: value })} />
      </Field>
      <Field label={labels.priority} hint="An emergency waits for no hours.">
        <RadioGroup
          layout="horizontal"
          value={form.priority}
          onChange={(_event, data) =>
            set({ priority: deliveryPriorities.find((candidate) => candidate === data.value) ?? 'background' })
          }
        >
          {deliveryPriorities.map((candidate) => (
            <Radio key={candidate} value={candidate} label={priorityWords[candidate]} />
          ))}
        </RadioGroup>
      </Field>
      <WindowsField
        label="Hours in which it is copied"
        path="windows"
        windows={form.windows}
        problems={problems}
        emptyWords="No hours: Package Servers copy at any time. Add the hours in which the links have room."
        clockWords="Times are those of each Package Server’s clock. What is under way when a window closes goes on in the next one."
        onChange={(windows) => set({ windows })}
      />
    </FormDialog>
  );
}
