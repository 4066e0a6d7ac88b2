import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { Mark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { alertWords } from '../../components/words.ts';
import { agentPath } from '../agents/agent-paths.ts';

type Alert = RouteAnswer<'alerts'>[number];

const refreshMs = 10_000;

const columns: readonly TableColumn<Alert>[] = [
  {
    id: 'kind',
    header: 'Alert',
    value: (alert) => alertWords[alert.kind],
    cell: (alert) => <Mark tone="bad">{alertWords[alert.kind]}</Mark>,
    width: 150,
    grow: 1,
  },
  {
    id: 'agent',
    header: 'Agent',
    value: (alert) => alert.agentName,
    cell: (alert) => <RowLink path={agentPath(alert.agentId)}>{alert.agentName}</RowLink>,
    width: 100,
    grow: 1,
  },
  { id: 'detail', header: 'In words', value: (alert) => alert.detail, width: 280, grow: 4 },
  {
    id: 'count',
    header: 'Times',
    value: (alert) => alert.count,
    cell: (alert) => formatCount(alert.count),
    width: 60,
    grow: 0,
    isNumeric: true,
  },
  agoColumn('last', 'Last', (alert) => alert.lastAtMs),
];

/** What an administrator should look at; nothing at all where there is nothing. */
export function AlertsSection() {
  const { data: alerts } = useAnswer('alerts', {}, { everyMs: refreshMs });
  if (alerts === null || alerts.length === 0) return null;
  return (
    <Section title="Alerts" hint="Computers that somebody should look at. What happens again is counted.">
      <DataTable
        label="Alerts"
        noun="alert"
        columns={columns}
        rows={alerts}
        rowId={(alert) => `${alert.kind} ${alert.agentId} ${alert.reportedBy ?? ''}`}
        sortedBy={{ id: 'last', descending: true }}
        hasTools={alerts.length > 20}
        maxHeightPx={240}
        empty="No alert."
      />
    </Section>
  );
}
