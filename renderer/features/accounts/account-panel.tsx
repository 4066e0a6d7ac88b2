import { Button, Field, Input, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import type { Account, Role } from '../../../shared/contracts/people-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatExactTime } from '../../components/format.ts';
import { SidePanel } from '../../components/side-panel.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { useMay } from '../../components/use-answer.ts';
import { scopeWords } from '../../components/words.ts';
import { notify } from '../../stores/notice-store.ts';
import { RoleField } from './new-account-dialog.tsx';

const useStyles = makeStyles({
  actions: { marginTop: '20px', display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: '8px' },
});

type Question = 'none' | 'role' | 'password' | 'disable' | 'sessions' | 'remove';

export function AccountPanel({ account, onClose }: { account: Account; onClose: () => void }) {
  const styles = useStyles();
  const mayChange = useMay('updateAccount');
  const [question, setQuestion] = useState<Question>('none');
  const ask = (asked: Question) => () => setQuestion(asked);
  const done = () => setQuestion('none');
  const { id, name, disabled } = account;
  const act = async (deed: () => Promise<unknown>, told: string) => {
    try {
      await deed();
      askAgain('accounts', 'sessions', 'apiTokens');
      notify('success', told);
    } catch (error) {
      notify('error', messageOf(error));
    }
    done();
  };
  const setDisabled = (isDisabled: boolean) =>
    act(
      () => callConsole('updateAccount', { params: { id }, body: { disabled: isDisabled } }),
      isDisabled ? `${name} cannot sign in any more.` : `${name} can sign in again.`,
    );
  return (
    <SidePanel title={name} onClose={onClose}>
      <Facts
        facts={[
          ['Role', scopeWords[account.role]],
          ['State', disabled ? 'Disabled' : 'Enabled'],
          ['Last sign-in', account.lastSignInMs === null ? 'never' : formatExactTime(account.lastSignInMs)],
          ['Password since', formatExactTime(account.passwordChangedAtMs)],
          ['Made', formatExactTime(account.createdAtMs)],
          ['Made by', account.createdBy],
        ]}
      />
      {mayChange && (
        <div className={styles.actions}>
          <Button onClick={ask('role')}>Change role…</Button>
          <Button onClick={ask('password')}>Set password…</Button>
          <Button onClick={ask('sessions')}>End sessions…</Button>
          {disabled ? (
            <Button onClick={() => void setDisabled(false)}>Enable</Button>
          ) : (
            <Button onClick={ask('disable')}>Disable…</Button>
          )}
          <Button onClick={ask('remove')}>Remove…</Button>
        </div>
      )}
      {question === 'role' && <RoleDialog account={account} onClose={done} />}
      {question === 'password' && <PasswordDialog account={account} onClose={done} />}
      <ConfirmDialog
        open={question === 'disable'}
        title={`Disable ${name}?`}
        confirmLabel="Disable account"
        onConfirm={() => void setDisabled(true)}
        onCancel={done}
      >
        {name} is signed out at once and cannot sign in until you enable the account again. Nothing is deleted.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'sessions'}
        title={`End all sessions of ${name}?`}
        confirmLabel="End sessions"
        onConfirm={() =>
          void act(() => callConsole('endSessionsOfAccount', { params: { id } }), `${name} is signed out everywhere.`)
        }
        onCancel={done}
      >
        {name} is signed out of every browser at once and may sign in again.
      </ConfirmDialog>
      <ConfirmDialog
        open={question === 'remove'}
        title={`Remove ${name}?`}
        confirmLabel="Remove account"
        preferred="cancel"
        onConfirm={() =>
          void act(() => callConsole('removeAccount', { params: { id } }), `The account of ${name} is removed.`)
        }
        onCancel={done}
      >
        The account goes with its sessions and its API tokens. What {name} did stays in the audit trail. This cannot be
        undone.
      </ConfirmDialog>
    </SidePanel>
  );
}

function RoleDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const [role, setRole] = useState<Role>(account.role);
  const submit = async () => {
    await callConsole('updateAccount', { params: { id: account.id }, body: { role } });
    askAgain('accounts', 'sessions');
    notify('success', `${account.name} has another role now and has to sign in again.`);
  };
  return (
    <FormDialog
      title={`Role of ${account.name}`}
      submitLabel="Change role"
      typed={role}
      onCheck={() => role !== account.role}
      onSubmit={submit}
      onClose={onClose}
    >
      <RoleField value={role} onChange={setRole} />
    </FormDialog>
  );
}

function PasswordDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const submit = async () => {
    await callConsole('updateAccount', { params: { id: account.id }, body: { password } });
    askAgain('accounts', 'sessions');
    notify('success', `${account.name} signs in with the new password from now on.`);
  };
  const check = () => {
    setIsChecked(true);
    return password !== '';
  };
  return (
    <FormDialog
      title={`Set the password of ${account.name}`}
      submitLabel="Set password"
      typed={password}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="New password"
        hint={`At least 12 characters. ${account.name} is signed out everywhere.`}
        required
        {...problemOf(isChecked && password === '' ? 'Enter the password.' : null)}
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
