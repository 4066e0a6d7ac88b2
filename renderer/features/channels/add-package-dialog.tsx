import { Field, Input, Select } from '@fluentui/react-components';
import { useState } from 'react';
import { channelItemSchema } from '../../../shared/contracts/channels.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { type DeliveryPriority, deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { changeConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { priorityWords } from '../../components/words.ts';
import { channelSaved } from './channel-changes.ts';

/** A moment as `<input type="datetime-local">` has it, in the time of this computer; null where it is empty. */
function momentOf(text: string): number | null {
  return text === '' ? null : new Date(text).getTime();
}

export function AddPackageDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const packages = useTopic('packages') ?? [];
  const [guid, setGuid] = useState('');
  const [version, setVersion] = useState('');
  const [priority, setPriority] = useState<DeliveryPriority | ''>('');
  const [notBefore, setNotBefore] = useState('');
  const [expires, setExpires] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const there = packages.filter(({ withdrawn }) => !withdrawn);
  const names = new Map(there.map((entry) => [entry.guid, entry.name]));
  const item = channelItemSchema.safeParse({
    guid,
    version: version === '' ? null : version,
    priority: priority === '' ? null : priority,
    notBeforeMs: momentOf(notBefore),
    expiresAtMs: momentOf(expires),
  });
  const problem = (field: string) =>
    isChecked ? item.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  const check = () => {
    setIsChecked(true);
    return item.success;
  };
  const submit = async () => {
    if (!item.success) return;
    const { changes } = await changeConsole('addChannelPackage', { params: { id: channel.id }, body: item.data });
    channelSaved(`“${names.get(item.data.guid) ?? 'The package'}” is in “${channel.name}” now.`, changes);
  };
  return (
    <FormDialog
      title={`Add a package to “${channel.name}”`}
      submitLabel="Add package"
      typed={{ guid, version, priority, notBefore, expires }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Package" required {...problemOf(problem('guid') && 'Choose a package.')}>
        <Select
          value={guid}
          onChange={(_event, data) => {
            setGuid(data.value);
            setVersion('');
          }}
        >
          <option value="">Choose…</option>
          {[...names].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Version">
        <Select value={version} onChange={(_event, data) => setVersion(data.value)}>
          <option value="">Always the newest</option>
          {there
            .filter((entry) => entry.guid === guid)
            .map((entry) => (
              <option key={entry.version} value={entry.version}>
                {entry.version}
              </option>
            ))}
        </Select>
      </Field>
      <Field label="Priority">
        <Select
          value={priority}
          onChange={(_event, data) =>
            setPriority(deliveryPriorities.find((candidate) => candidate === data.value) ?? '')
          }
        >
          <option value="">The channel’s ({priorityWords[channel.priority]})</option>
          {deliveryPriorities.map((candidate) => (
            <option key={candidate} value={candidate}>
              {priorityWords[candidate]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Not before" hint="In the time of this computer. Empty: at once.">
        <Input type="datetime-local" value={notBefore} onChange={(_event, { value }) => setNotBefore(value)} />
      </Field>
      <Field label="Expires" hint="Empty: never." {...problemOf(problem('expiresAtMs'))}>
        <Input type="datetime-local" value={expires} onChange={(_event, { value }) => setExpires(value)} />
      </Field>
    </FormDialog>
  );
}
