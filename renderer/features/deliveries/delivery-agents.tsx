import { Select } from '@fluentui/react-components';
import { useState } from 'react';
import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import type { DeliveryAgentState } from '../../../shared/contracts/deliveries.ts';
import { deliveryAgentStates } from '../../../shared/contracts/deliveries.ts';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { maximumDeliveryAgents } from '../../../shared/contracts/deliveries-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { failureWords } from '../../components/words.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { agentStateWords, failedOf } from './delivery-words.ts';

const refreshMs = 5000;

type DeliveryAgent = RouteAnswer<'deliveryAgents'>[number];

const columns: readonly TableColumn<DeliveryAgent>[] = [
  {
    id: 'name',
    header: 'Agent',
    value: (row) => row.name,
    cell: (row) => <RowLink path={agentPath(row.agentId)}>{row.name || row.agentId.slice(0, 8)}</RowLink>,
    width: 110,
    grow: 1,
  },
  { id: 'stage', header: 'Stage', value: (row) => row.stage + 1, width: 52, grow: 0, isNumeric: true },
  { id: 'state', header: 'State', value: (row) => agentStateWords[row.state], width: 112, grow: 0 },
  {
    id: 'failure',
    header: 'Failed by',
    value: (row) => (row.failure === null ? null : failureWords[row.failure]),
    width: 170,
    grow: 2,
  },
  { id: 'exit-code', header: 'Exit code', value: (row) => row.exitCode, width: 76, grow: 0, isNumeric: true },
  { id: 'detail', header: 'Detail', value: (row) => row.detail.replaceAll('\n', ' '), width: 150, grow: 3 },
  {
    id: 'at',
    header: 'Told',
    value: (row) => row.atMs,
    cell: (row) => <RelativeTime atMs={row.atMs} />,
    width: 92,
    grow: 0,
  },
];

/** What single agents told: first of all those that failed. */
export function DeliveryAgents({ delivery }: { delivery: Delivery }) {
  const failed = failedOf(delivery);
  const [chosen, setChosen] = useState<DeliveryAgentState | 'all' | null>(null);
  const shown = chosen ?? (failed > 0 ? 'failed' : 'all');
  const answer = useAnswer(
    'deliveryAgents',
    { params: { id: delivery.id }, query: shown === 'all' ? {} : { state: shown } },
    { everyMs: refreshMs },
  );
  return (
    <Section
      title="Agents"
      hint={`What agents told of this delivery, the newest ${formatCount(maximumDeliveryAgents)}. Open one to see why.`}
      actions={
        <Select
          size="small"
          aria-label="Show agents"
          value={shown}
          onChange={(_event, { value }) => setChosen(deliveryAgentStates.find((state) => state === value) ?? 'all')}
        >
          <option value="all">All that told something</option>
          {deliveryAgentStates
            .filter((state) => state !== 'not-offered')
            .map((state) => (
              <option key={state} value={state}>
                {agentStateWords[state]}
              </option>
            ))}
        </Select>
      }
    >
      <AnswerView answer={answer} label="Reading the agents">
        {(agents) => (
          <DataTable
            label="Agents of the delivery"
            noun="agent"
            columns={columns}
            rows={agents}
            rowId={(row) => row.agentId}
            sortedBy={{ id: 'name' }}
            maxHeightPx={280}
            empty={shown === 'failed' ? 'No agent has failed.' : 'No agent has told anything of this.'}
          />
        )}
      </AnswerView>
    </Section>
  );
}
