import { Button } from '@fluentui/react-components';
import { AddRegular, ProhibitedRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import type { PageProps } from '../../app/pages.tsx';
import { AnswerView } from '../../components/answer-view.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount, formatShare } from '../../components/format.ts';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { Page } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { Mark, OnlineMark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { PackageServerDialog } from './package-server-dialog.tsx';
import { packageServerState } from './package-server-form.ts';
import { PackageServerPanel } from './package-server-panel.tsx';
import { packageServerPath } from './package-server-paths.ts';

const refreshMs = 2000;

const byteShape = { width: 72, grow: 0.5 };

const columns: readonly TableColumn<PackageServer>[] = [
  {
    id: 'name',
    header: 'Name',
    value: ({ name }) => name,
    cell: ({ agentId, name }) => <RowLink path={packageServerPath(agentId)}>{name}</RowLink>,
    width: 84,
    grow: 2,
  },
  {
    id: 'state',
    header: 'State',
    value: packageServerState,
    cell: (server) => <PackageServerMark server={server} />,
    width: 112,
    grow: 0.5,
  },
  { id: 'site', header: 'Serves', value: (server) => server.servesSiteName ?? 'No site', width: 96, grow: 2 },
  { id: 'address', header: 'Address', value: ({ address }) => address, width: 100, grow: 1, isHiddenAtFirst: true },
  {
    id: 'constrained',
    header: 'Stores',
    value: ({ constrained }) => (constrained ? 'Assigned only' : 'What is asked for'),
    width: 116,
    grow: 0.5,
  },
  {
    id: 'ready',
    header: 'Packages',
    value: ({ packagesReady }) => packagesReady,
    width: 74,
    grow: 0.5,
    isNumeric: true,
  },
  count('requests', 'Requests', ({ requests }) => requests),
  {
    id: 'hits',
    header: 'Hits',
    value: ({ traffic }) => traffic.hits,
    cell: ({ traffic }) => formatShare(traffic.hits, traffic.requests),
    width: 60,
    grow: 0.5,
    isNumeric: true,
  },
  bytesColumn('served', 'Served', ({ traffic }) => traffic.servedBytes, byteShape),
  bytesColumn('fetched', 'Fetched', ({ traffic }) => traffic.fetchedBytes, byteShape),
  bytesColumn('saved', 'Saved', ({ traffic }) => traffic.savedBytes, byteShape),
  { id: 'id', header: 'Agent id', value: ({ agentId }) => agentId, width: 260, grow: 0, isHiddenAtFirst: true },
];

type Traffic = PackageServer['traffic'];

function count(id: string, header: string, of: (traffic: Traffic) => number): TableColumn<PackageServer> {
  const value = ({ traffic }: PackageServer) => of(traffic);
  return { id, header, value, cell: (row) => formatCount(value(row)), width: 74, grow: 0.5, isNumeric: true };
}

export function PackageServersPage({ parameters }: PageProps) {
  const answer = useAnswer('packageServers', {}, { everyMs: refreshMs });
  const mayAdd = useMay('addPackageServer');
  const [isAdding, setIsAdding] = useState(false);
  const agentId = parameters.agentId ?? '';
  const selected = answer.data?.find((server) => server.agentId === agentId);
  const add = mayAdd && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setIsAdding(true)}>
      Add Package Server
    </Button>
  );
  return (
    <Page
      title="Package Servers"
      description="Agents that keep packages for their site, so that its link carries one copy."
      isFull
      actions={add}
    >
      <ListWithPanel
        panel={
          agentId !== '' &&
          answer.data !== null && (
            <PackageServerPanel
              key={agentId}
              agentId={agentId}
              server={selected}
              onClose={() => navigate('/package-servers')}
            />
          )
        }
      >
        <AnswerView answer={answer} label="Reading the Package Servers">
          {(servers) =>
            servers.length === 0 ? (
              <EmptyState title="No agent is a Package Server">
                Give one to each branch and one to the site above: any agent that is on all day and has room on its
                disk. Without one, the first downloader of each subnet fetches from the Notification Server.
              </EmptyState>
            ) : (
              <DataTable
                label="Package Servers"
                noun="Package Server"
                columns={columns}
                rows={servers}
                rowId={(server) => server.agentId}
                sortedBy={{ id: 'name' }}
                onOpen={(server) => navigate(packageServerPath(server.agentId))}
                isFilling
                empty="No Package Server has these words."
              />
            )
          }
        </AnswerView>
      </ListWithPanel>
      {isAdding && <PackageServerDialog server={null} known={answer.data ?? []} onClose={() => setIsAdding(false)} />}
    </Page>
  );
}

function PackageServerMark({ server }: { server: PackageServer }) {
  if (server.enabled) return <OnlineMark isOnline={server.online} />;
  return (
    <Mark tone="calm" icon={<ProhibitedRegular aria-hidden />}>
      {packageServerState(server)}
    </Mark>
  );
}
