import { Field, Input, Select, Text } from '@fluentui/react-components';
import { useState } from 'react';
import { channelItemSchema } from '../../../shared/contracts/channels.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { type DeliveryPriority, deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { changeConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { priorityWords } from '../../components/words.ts';
import { momentText } from '../deliveries/wizard-form.ts';
import { channelSaved } from './channel-changes.ts';

/** A moment as `<input type="datetime-local">` has it, in the time of this computer; null where it is empty. */
function momentOf(text: string): number | null {
  return text === '' ? null : new Date(text).getTime();
}

function textOf(atMs: number | null | undefined): string {
  return atMs === null || atMs === undefined ? '' : momentText(atMs);
}

interface ItemDialogProps {
  readonly channel: Channel;
  /** Null: a package is added; else the terms of this one change. */
  readonly item: Channel['items'][number] | null;
  readonly onClose: () => void;
}

export function ItemDialog({ channel, item: before, onClose }: ItemDialogProps) {
  const packages = useTopic('packages') ?? [];
  const [guid, setGuid] = useState<string>(before?.guid ?? '');
  const [version, setVersion] = useState(before?.version ?? '');
  const [priority, setPriority] = useState<DeliveryPriority | ''>(before?.priority ?? '');
  const [notBefore, setNotBefore] = useState(textOf(before?.notBeforeMs));
  const [expires, setExpires] = useState(textOf(before?.expiresAtMs));
  const [isChecked, setIsChecked] = useState(false);
  const there = packages.filter(({ withdrawn }) => !withdrawn);
  const names = new Map(there.map((entry) => [entry.guid as string, entry.name]));
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
    const name = before?.packageName ?? names.get(guid) ?? 'The package';
    channelSaved(
      before === null
        ? `“${name}” is in “${channel.name}” now.`
        : `“${name}” has other terms in “${channel.name}” now.`,
      changes,
    );
  };
  return (
    <FormDialog
      title={
        before === null
          ? `Add a package to “${channel.name}”`
          : `“${before.packageName}” ${before.version ?? '(always the newest)'} in “${channel.name}”`
      }
      submitLabel={before === null ? 'Add package' : 'Save changes'}
      typed={{ guid, version, priority, notBefore, expires }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      {before === null && (
        <>
          {there.length === 0 && <Text>There is no package yet. Import one on the page Packages.</Text>}
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
        </>
      )}
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
