import { Button, Field, Input, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import type { ShownAuditEntry } from '../../../shared/contracts/audit-api.ts';
import { maximumAuditPage } from '../../../shared/contracts/audit-api.ts';
import type { PageProps } from '../../app/pages.tsx';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { usePath } from '../../components/hooks.ts';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { Page } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { subjectOfPath } from './audit-paths.ts';
import { actionWords } from './audit-words.ts';
import { ChangePanel } from './change-panel.tsx';

const refreshMs = 10_000;

const columns: readonly TableColumn<ShownAuditEntry>[] = [
  {
    id: 'id',
    header: 'Number',
    value: (entry) => entry.id,
    cell: (entry) => <RowLink path={`/audit/${entry.id}`}>{entry.id}</RowLink>,
    width: 72,
    grow: 0,
    isNumeric: true,
  },
  agoColumn('at', 'When', (entry) => entry.atMs),
  { id: 'who', header: 'Who', value: (entry) => entry.who, width: 120, grow: 1 },
  {
    id: 'action',
    header: 'Change',
    value: (entry) => actionWords(entry.action),
    width: 180,
    grow: 1,
  },
  { id: 'subject', header: 'Of what', value: (entry) => entry.subject, width: 180, grow: 2 },
  {
    id: 'reverts',
    header: 'Takes back',
    value: (entry) => entry.reverts,
    cell: (entry) => (entry.reverts === null ? '' : `Number ${entry.reverts}`),
    width: 100,
    grow: 0,
  },
];

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: '8px 12px' },
  filter: { width: '200px' },
  space: { flexGrow: 1 },
});

/** Who changed what. Filters go to the server: they find what is older than what is on the screen. */
export function AuditPage({ parameters }: PageProps) {
  const styles = useStyles();
  const [who, setWho] = useState('');
  const path = usePath();
  const [subject, setSubject] = useState(() => subjectOfPath(path));
  const [olderThan, setOlderThan] = useState<readonly number[]>([]);
  const before = olderThan.at(-1);
  const answer = useAnswer(
    'audit',
    {
      query: {
        ...(who.trim() === '' ? {} : { who: who.trim() }),
        ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
        ...(before === undefined ? {} : { before: String(before) }),
      },
    },
    { everyMs: refreshMs },
  );
  const last = answer.data?.at(-1)?.id;
  const id = Number(parameters.id);
  return (
    <Page
      title="Audit trail"
      description="Who changed what, from what to what. Open a change to see it, and to take it back."
      isFull
    >
      <div className={styles.filters}>
        <Field label="By" className={styles.filter}>
          <Input
            value={who}
            placeholder="Name of an account"
            onChange={(_event, { value }) => {
              setWho(value);
              setOlderThan([]);
            }}
          />
        </Field>
        <Field label="Of what" className={styles.filter}>
          <Input
            value={subject}
            placeholder="Part of a name"
            onChange={(_event, { value }) => {
              setSubject(value);
              setOlderThan([]);
            }}
          />
        </Field>
        <span className={styles.space} />
        <Button disabled={before === undefined} onClick={() => setOlderThan(olderThan.slice(0, -1))}>
          Newer
        </Button>
        <Button
          disabled={last === undefined || (answer.data?.length ?? 0) < maximumAuditPage}
          onClick={() => last !== undefined && setOlderThan([...olderThan, last])}
        >
          Older
        </Button>
      </div>
      <ListWithPanel
        panel={Number.isSafeInteger(id) && id > 0 && <ChangePanel id={id} onClose={() => navigate('/audit')} />}
      >
        <AnswerView answer={answer} label="Reading the audit trail">
          {(entries) => (
            <DataTable
              label="Audit trail"
              noun="change"
              columns={columns}
              rows={entries}
              rowId={(entry) => String(entry.id)}
              sortedBy={{ id: 'id', descending: true }}
              onOpen={(entry) => navigate(`/audit/${entry.id}`)}
              isFilling
              empty="Nothing was changed that these filters find."
            />
          )}
        </AnswerView>
      </ListWithPanel>
    </Page>
  );
}
