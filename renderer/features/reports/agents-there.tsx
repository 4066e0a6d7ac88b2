import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import { unassignedSite } from '../../../shared/contracts/reports-api.ts';
import { bytesColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Section } from '../../components/page.tsx';
import { OnlineMark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { navigate } from '../../stores/route-store.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { nameColumn } from './report-columns.tsx';
import { filterWords } from './report-words.ts';
import type { ReportProps } from './use-report.ts';

const columns: readonly TableColumn<AgentSummary>[] = [
  nameColumn('Agent', (agent) => agentPath(agent.agentId, 'peer-downloading')),
  {
    id: 'online',
    header: 'State',
    value: (agent) => (agent.revokedAtMs !== null ? 'Revoked' : agent.online ? 'Online' : 'Offline'),
    cell: (agent) => <OnlineMark isOnline={agent.online} isRevoked={agent.revokedAtMs !== null} />,
    width: 90,
    grow: 1,
  },
  { id: 'subnet', header: 'Subnet', value: (agent) => agent.subnet, width: 120, grow: 1 },
  { id: 'policy', header: 'Policy', value: (agent) => agent.policyName, width: 110, grow: 1 },
  bytesColumn('direct', 'Direct, ever', (agent) => agent.directBytes),
  bytesColumn('peer', 'From peers, ever', (agent) => agent.peerBytes),
];

/** The computers of the place that a report is limited to: the last step down, to the page that says why. */
export function AgentsThere({ address, known }: ReportProps) {
  const { subnet, siteId } = address.filters;
  if (subnet === undefined && siteId === undefined) return null;
  const siteName =
    siteId === undefined || siteId === unassignedSite
      ? null
      : (known.sites.find(({ id }) => id === siteId)?.name ?? '');
  const agents = known.agents.filter(
    (agent) =>
      (subnet === undefined || agent.subnet === subnet) && (siteId === undefined || agent.siteName === siteName),
  );
  const place = subnet ?? filterWords('siteId', siteId ?? '', known);
  return (
    <Section
      title={`Agents in ${place} now`}
      hint="Bytes since each of them enrolled, of all packages. Open an agent to see why it downloads as it does."
    >
      <DataTable
        label={`Agents in ${place}`}
        noun="agent"
        columns={columns}
        rows={agents}
        rowId={(agent) => agent.agentId}
        sortedBy={{ id: 'direct', descending: true }}
        onOpen={(agent) => navigate(agentPath(agent.agentId, 'peer-downloading'))}
        maxHeightPx={300}
        empty="No agent is there now."
      />
    </Section>
  );
}
