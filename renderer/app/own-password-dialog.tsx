import { Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import { callConsole } from '../api/console-client.ts';
import { FormDialog } from '../components/form-dialog.tsx';
import { problemOf } from '../components/target-editor.tsx';
import { notify } from '../stores/notice-store.ts';

export function OwnPasswordDialog({ onClose }: { onClose: () => void }) {
  const [currentPassword, setCurrentPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const isDifferent = repeated !== newPassword;
  const check = () => {
    setIsChecked(true);
    return currentPassword !== '' && newPassword !== '' && !isDifferent;
  };
  const submit = async () => {
    await callConsole('changeOwnPassword', { body: { currentPassword, newPassword } });
    notify('success', 'Your password is changed. Your other sessions are ended.');
  };
  const missing = (text: string) => (isChecked && text === '' ? 'Enter the password.' : null);
  return (
    <FormDialog
      title="Change your password"
      submitLabel="Change password"
      typed={[currentPassword, newPassword, repeated]}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Present password" required {...problemOf(missing(currentPassword))}>
        <Input
          type="password"
          autoComplete="current-password"
          value={currentPassword}
          onChange={(_event, { value }) => setCurrentPassword(value)}
        />
      </Field>
      <Field
        label="New password"
        hint="At least 12 characters; a sentence is easier to keep than signs."
        required
        {...problemOf(missing(newPassword))}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={newPassword}
          onChange={(_event, { value }) => setNewPassword(value)}
        />
      </Field>
      <Field
        label="New password again"
        required
        {...problemOf(isChecked && isDifferent ? 'This is not the same password.' : null)}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={repeated}
          onChange={(_event, { value }) => setRepeated(value)}
        />
      </Field>
    </FormDialog>
  );
}
