import { Button, Field, Input, Radio, RadioGroup } from '@fluentui/react-components';
import { KeyRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { ApiToken, Scope } from '../../../shared/contracts/people-api.ts';
import { apiTokenDraftSchema, scopeSchema, scopes } from '../../../shared/contracts/people-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn, momentColumn } from '../../components/columns.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { Section } from '../../components/page.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { scopeWords } from '../../components/words.ts';
import { notify } from '../../stores/notice-store.ts';

function columnsOf(revoke: ((token: ApiToken) => void) | null): readonly TableColumn<ApiToken>[] {
  const columns: TableColumn<ApiToken>[] = [
    { id: 'name', header: 'Name', value: (token) => token.name, width: 140, grow: 2 },
    { id: 'scope', header: 'May', value: (token) => scopeWords[token.scope], width: 110, grow: 1 },
    agoColumn('used', 'Last used', (token) => token.lastUsedMs, { none: 'never', grow: 0.5 }),
    momentColumn('expires', 'Until', (token) => token.expiresAtMs, { grow: 0.5 }),
    { id: 'by', header: 'Made by', value: (token) => token.createdBy, width: 130, grow: 1 },
  ];
  if (revoke === null) return columns;
  const button = (token: ApiToken) => (
    <Button size="small" appearance="subtle" aria-label={`Revoke ${token.name}`} onClick={() => revoke(token)}>
      Revoke…
    </Button>
  );
  return [...columns, { id: 'revoke', header: '', value: () => null, cell: button, width: 92, grow: 0 }];
}

export function ApiTokenList() {
  const answer = useAnswer('apiTokens', {});
  const mayMake = useMay('createApiToken');
  const mayRevoke = useMay('revokeApiToken');
  const [isMaking, setIsMaking] = useState(false);
  const [made, setMade] = useState<{ readonly name: string; readonly token: string } | null>(null);
  const [asked, setAsked] = useState<ApiToken | null>(null);
  const columns = useMemo(() => columnsOf(mayRevoke ? setAsked : null), [mayRevoke]);
  const revoke = async ({ id, name }: ApiToken) => {
    try {
      await callConsole('revokeApiToken', { params: { id } });
      askAgain('apiTokens');
      notify('success', `${name} is revoked.`);
    } catch (error) {
      notify('error', messageOf(error));
    }
    setAsked(null);
  };
  return (
    <ListWithPanel>
      {mayMake && (
        <div>
          <Button appearance="primary" icon={<KeyRegular />} onClick={() => setIsMaking(true)}>
            Make API token
          </Button>
        </div>
      )}
      {made !== null && (
        <Section
          title={`API token ${made.name}`}
          hint="Copy it now: it is not shown again."
          actions={
            <Button size="small" onClick={() => setMade(null)}>
              Done
            </Button>
          }
        >
          <CopyText text={made.token} noun="token" />
        </Section>
      )}
      <AnswerView answer={answer} label="Reading the API tokens">
        {(tokens) => (
          <DataTable
            label="API tokens"
            noun="token"
            columns={columns}
            rows={tokens}
            rowId={({ id }) => id}
            sortedBy={{ id: 'name' }}
            isFilling
            empty="There are no API tokens. Programs need one to use the interface under /api/v1."
          />
        )}
      </AnswerView>
      {isMaking && <TokenDialog onMade={setMade} onClose={() => setIsMaking(false)} />}
      <ConfirmDialog
        open={asked !== null}
        title={`Revoke ${asked?.name ?? ''}?`}
        confirmLabel="Revoke token"
        onConfirm={() => asked !== null && void revoke(asked)}
        onCancel={() => setAsked(null)}
      >
        Programs that use this token are refused from now on. This cannot be undone.
      </ConfirmDialog>
    </ListWithPanel>
  );
}

interface TokenDialogProps {
  readonly onMade: (made: { readonly name: string; readonly token: string }) => void;
  readonly onClose: () => void;
}

function TokenDialog({ onMade, onClose }: TokenDialogProps) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [days, setDays] = useState('90');
  const [isChecked, setIsChecked] = useState(false);
  const draft = apiTokenDraftSchema.safeParse({
    name,
    scope,
    expiresInDays: days.trim() === '' ? Number.NaN : Number(days),
  });
  const issues = isChecked ? (draft.error?.issues ?? []) : [];
  const problem = (field: string) => issues.find(({ path }) => path[0] === field)?.message;
  const check = () => {
    setIsChecked(true);
    return draft.success;
  };
  const submit = async () => {
    if (!draft.success) return;
    onMade(await callConsole('createApiToken', { body: draft.data }));
    askAgain('apiTokens');
  };
  return (
    <FormDialog
      title="Make an API token"
      submitLabel="Make token"
      typed={{ name, scope, days }}
      onCheck={check}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" hint="What it is for." required {...problemOf(problem('name'))}>
        <Input value={name} autoComplete="off" onChange={(_event, { value }) => setName(value)} />
      </Field>
      <Field label="It may">
        <RadioGroup
          value={scope}
          onChange={(_event, data) => setScope(scopeSchema.safeParse(data.value).data ?? 'read')}
        >
          {scopes.map((candidate) => (
            <Radio key={candidate} value={candidate} label={scopeWords[candidate]} />
          ))}
        </RadioGroup>
      </Field>
      <Field label="Days until it ends" required {...problemOf(problem('expiresInDays') && 'Enter 1 to 365 days.')}>
        <Input value={days} inputMode="numeric" onChange={(_event, { value }) => setDays(value)} />
      </Field>
    </FormDialog>
  );
}
