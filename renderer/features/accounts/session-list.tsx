import { Button } from '@fluentui/react-components';
import { useMemo } from 'react';
import type { OpenSession } from '../../../shared/contracts/people-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { scopeWords } from '../../components/words.ts';
import { notify } from '../../stores/notice-store.ts';

const refreshMs = 10_000;

async function end({ id, name }: OpenSession): Promise<void> {
  try {
    await callConsole('endSession', { params: { id } });
    askAgain('sessions');
    notify('success', `That session of ${name} is ended.`);
  } catch (error) {
    notify('error', messageOf(error));
  }
}

function columnsOf(mayEnd: boolean): readonly TableColumn<OpenSession>[] {
  const columns: TableColumn<OpenSession>[] = [
    {
      id: 'name',
      header: 'Who',
      value: (session) => session.name,
      cell: (session) => (session.isOwn ? `${session.name} (this one)` : session.name),
      width: 150,
      grow: 1.5,
    },
    { id: 'role', header: 'Role', value: (session) => scopeWords[session.role], width: 110, grow: 0.5 },
    { id: 'address', header: 'From', value: (session) => session.address, width: 110, grow: 0.5 },
    { id: 'client', header: 'Browser', value: (session) => session.client, width: 160, grow: 3 },
    agoColumn('since', 'Since', (session) => session.createdAtMs),
    agoColumn('used', 'Last seen', (session) => session.lastUsedMs),
  ];
  if (!mayEnd) return columns;
  const button = (session: OpenSession) =>
    session.isOwn ? null : (
      <Button
        size="small"
        appearance="subtle"
        aria-label={`End the session of ${session.name}`}
        onClick={() => void end(session)}
      >
        End
      </Button>
    );
  return [...columns, { id: 'end', header: '', value: () => null, cell: button, width: 72, grow: 0 }];
}

export function SessionList() {
  const answer = useAnswer('sessions', {}, { everyMs: refreshMs });
  const mayEnd = useMay('endSession');
  const columns = useMemo(() => columnsOf(mayEnd), [mayEnd]);
  return (
    <ListWithPanel>
      <AnswerView answer={answer} label="Reading who is signed in">
        {(sessions) => (
          <DataTable
            label="Signed in"
            noun="session"
            columns={columns}
            rows={sessions}
            rowId={({ id }) => id}
            sortedBy={{ id: 'used', descending: true }}
            isFilling
            empty="Nobody is signed in with a browser."
          />
        )}
      </AnswerView>
    </ListWithPanel>
  );
}
