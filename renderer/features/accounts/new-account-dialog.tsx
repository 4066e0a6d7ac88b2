import { Field, Input, Radio, RadioGroup } from '@fluentui/react-components';
import { useState } from 'react';
import type { Account, Role } from '../../../shared/contracts/people-api.ts';
import { accountDraftSchema, roleSchema } from '../../../shared/contracts/people-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { notify } from '../../stores/notice-store.ts';

export const roleMeanings: Record<Role, string> = {
  administrator: 'Administrator – may do everything',
  helpdesk: 'Helpdesk – looks at everything, asks agents to report or try again',
};

interface NewAccountDialogProps {
  readonly onAdded: (account: Account) => void;
  readonly onClose: () => void;
}

export function NewAccountDialog({ onAdded, onClose }: NewAccountDialogProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('helpdesk');
  const [password, setPassword] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const draft = accountDraftSchema.safeParse({ name, role, password });
  const problem = (field: string) =>
    isChecked ? draft.error?.issues.find(({ path }) => path[0] === field)?.message : undefined;
  const check = () => {
    setIsChecked(true);
    return draft.success;
  };
  const submit = async () => {
    if (!draft.success) return;
    const account = await callConsole('createAccount', { body: draft.data });
    askAgain('accounts');
    notify('success', `${account.name} can sign in now.`);
    onAdded(account);
  };
  return (
    <FormDialog
      title="Add an account"
      submitLabel="Add account"
      typed={{ name, role, password }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" hint="It is typed to sign in." required {...problemOf(problem('name'))}>
        <Input value={name} autoComplete="off" onChange={(_event, { value }) => setName(value)} />
      </Field>
      <RoleField value={role} onChange={setRole} />
      <Field
        label="First password"
        hint="At least 12 characters. It can be changed after signing in."
        required
        {...problemOf(problem('password'))}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(_event, { value }) => setPassword(value)}
        />
      </Field>
    </FormDialog>
  );
}

export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <Field label="Role">
      <RadioGroup
        value={value}
        onChange={(_event, data) => onChange(roleSchema.safeParse(data.value).data ?? 'helpdesk')}
      >
        {roleSchema.options.map((role) => (
          <Radio key={role} value={role} label={roleMeanings[role]} />
        ))}
      </RadioGroup>
    </Field>
  );
}
