import { Button } from '@fluentui/react-components';
import { PersonAddRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Account } from '../../../shared/contracts/people-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { scopeWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { AccountPanel } from './account-panel.tsx';
import { NewAccountDialog } from './new-account-dialog.tsx';

const accountPath = (id: string) => `/accounts/people/${id}`;

const columns: readonly TableColumn<Account>[] = [
  {
    id: 'name',
    header: 'Name',
    value: (account) => account.name,
    cell: (account) => <RowLink path={accountPath(account.id)}>{account.name}</RowLink>,
    width: 140,
    grow: 2,
  },
  { id: 'role', header: 'Role', value: (account) => scopeWords[account.role], width: 110, grow: 1 },
  {
    id: 'state',
    header: 'State',
    value: (account) => (account.disabled ? 'Disabled' : 'Enabled'),
    width: 80,
    grow: 0.5,
  },
  agoColumn('signIn', 'Last sign-in', (account) => account.lastSignInMs, { none: 'never', grow: 0.5 }),
  agoColumn('created', 'Made', (account) => account.createdAtMs, { grow: 0.5 }),
  { id: 'by', header: 'Made by', value: (account) => account.createdBy, width: 130, grow: 1 },
];

export function AccountList({ chosenId }: { chosenId: string | null }) {
  const answer = useAnswer('accounts', {});
  const mayAdd = useMay('createAccount');
  const [isAdding, setIsAdding] = useState(false);
  const chosen = answer.data?.find(({ id }) => id === chosenId);
  return (
    <ListWithPanel
      panel={
        chosen !== undefined && (
          <AccountPanel key={chosen.id} account={chosen} onClose={() => navigate('/accounts/people')} />
        )
      }
    >
      {mayAdd && (
        <div>
          <Button appearance="primary" icon={<PersonAddRegular />} onClick={() => setIsAdding(true)}>
            Add account
          </Button>
        </div>
      )}
      <AnswerView answer={answer} label="Reading the accounts">
        {(accounts) => (
          <DataTable
            label="Accounts"
            noun="account"
            columns={columns}
            rows={accounts}
            rowId={({ id }) => id}
            sortedBy={{ id: 'name' }}
            onOpen={({ id }) => navigate(accountPath(id))}
            isFilling
            empty="There are no accounts yet. Until there are, one-time links sign in as the local administrator."
          />
        )}
      </AnswerView>
      {isAdding && (
        <NewAccountDialog onAdded={({ id }) => navigate(accountPath(id))} onClose={() => setIsAdding(false)} />
      )}
    </ListWithPanel>
  );
}
