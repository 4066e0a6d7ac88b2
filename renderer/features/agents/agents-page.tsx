import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import { agoColumn, bytesColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useTopic } from '../../components/hooks.ts';
import { JoinCommand } from '../../components/join-command.tsx';
import { Page } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { OnlineMark, StateMark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { Waiting } from '../../components/waiting.tsx';
import { stateWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { agentPath } from './agent-paths.ts';

const columns: readonly TableColumn<AgentSummary>[] = [
  {
    id: 'name',
    header: 'Name',
    value: (agent) => agent.name,
    cell: (agent) => <RowLink path={agentPath(agent.agentId)}>{agent.name}</RowLink>,
    width: 84,
    grow: 2,
  },
  {
    id: 'online',
    header: 'State',
    value: (agent) => (agent.revokedAtMs !== null ? 'Revoked' : agent.online ? 'Online' : 'Offline'),
    cell: (agent) => <OnlineMark isOnline={agent.online} isRevoked={agent.revokedAtMs !== null} />,
    width: 80,
    grow: 0.5,
  },
  { id: 'address', header: 'Address', value: (agent) => agent.address, width: 100, grow: 1 },
  { id: 'subnet', header: 'Subnet', value: (agent) => agent.subnet, width: 108, grow: 1 },
  { id: 'site', header: 'Site', value: (agent) => agent.siteName ?? 'Unassigned', width: 78, grow: 1.5 },
  {
    id: 'activity',
    header: 'Doing now',
    value: (agent) => (agent.activity === null ? null : stateWords[agent.activity]),
    cell: (agent) => (agent.activity === null ? '–' : <StateMark state={agent.activity} />),
    width: 108,
    grow: 0.5,
  },
  {
    id: 'packages',
    header: 'Ready',
    value: (agent) => agent.packagesReady,
    cell: (agent) => `${agent.packagesReady} of ${agent.packagesAssigned}`,
    width: 58,
    grow: 0.5,
    isNumeric: true,
  },
  bytesColumn('peer', 'From peers', (agent) => agent.peerBytes, { width: 72, grow: 0.5 }),
  bytesColumn('direct', 'Direct', (agent) => agent.directBytes, { width: 72, grow: 0.5 }),
  { id: 'policy', header: 'Policy', value: (agent) => agent.policyName, width: 80, grow: 1.5 },
  agoColumn('lastSeen', 'Last seen', (agent) => agent.lastSeenMs, { width: 88, grow: 0.5, isHiddenAtFirst: true }),
  {
    id: 'version',
    header: 'Version',
    value: (agent) => agent.productVersion,
    width: 72,
    grow: 0.5,
    isHiddenAtFirst: true,
  },
  { id: 'id', header: 'Agent id', value: (agent) => agent.agentId, width: 260, grow: 0, isHiddenAtFirst: true },
];

export function AgentsPage() {
  const agents = useTopic('agents');
  return (
    <Page
      title="Agents"
      description="Every computer that has enrolled. Open one to see its peers and downloads."
      isFull
    >
      {agents === null && <Waiting label="Waiting for the agents" />}
      {agents !== null && agents.length === 0 && <NoAgents />}
      {agents !== null && agents.length > 0 && (
        <DataTable
          label="Agents"
          noun="agent"
          columns={columns}
          rows={agents}
          rowId={(agent) => agent.agentId}
          sortedBy={{ id: 'name' }}
          onOpen={(agent) => navigate(agentPath(agent.agentId))}
          isFilling
          empty="No agents."
        />
      )}
    </Page>
  );
}

function NoAgents() {
  return (
    <EmptyState title="No agent has enrolled yet" action={<JoinCommand />}>
      Run one command on each computer. It appears here as soon as it has enrolled.
    </EmptyState>
  );
}
