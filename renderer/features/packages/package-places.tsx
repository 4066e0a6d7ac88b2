import { Button, Text } from '@fluentui/react-components';
import { EditRegular, ShieldCheckmarkRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { CopyHolder } from '../../../shared/contracts/copy-verification.ts';
import type { PackageHolder } from '../../../shared/contracts/package-holders.ts';
import { maximumHoldersShown } from '../../../shared/contracts/package-holders.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { agoColumn } from '../../components/columns.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount, formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Section } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { stateWords } from '../../components/words.ts';
import { navigate } from '../../stores/route-store.ts';
import { agentPath } from '../agents/agent-paths.ts';
import { AssignmentDialog } from './assignment-dialog.tsx';
import { assignmentWords } from './assignment-words.ts';
import { VerifyDialog } from './verify-dialog.tsx';

const refreshMs = 5000;

/** `onVerify` null: whoever is signed in may not have copies read again. */
function columnsOf(onVerify: ((holder: PackageHolder) => void) | null): readonly TableColumn<PackageHolder>[] {
  const columns: TableColumn<PackageHolder>[] = [
    {
      id: 'name',
      header: 'Name',
      value: (holder) => holder.name,
      cell: (holder) => <RowLink path={agentPath(holder.agentId)}>{holder.name}</RowLink>,
      width: 110,
      grow: 2,
    },
    {
      id: 'kind',
      header: 'Is',
      value: (holder) => (holder.isPackageServer ? 'Package Server' : 'Agent'),
      width: 112,
      grow: 0,
    },
    { id: 'site', header: 'Site', value: (holder) => holder.siteName, width: 100, grow: 1 },
    { id: 'address', header: 'Address', value: (holder) => holder.address, width: 108, grow: 0, isHiddenAtFirst: true },
    { id: 'online', header: 'Is online', value: (holder) => (holder.online ? 'Yes' : 'No'), width: 72, grow: 0 },
    {
      id: 'state',
      header: 'State',
      value: (holder) => stateWords[holder.state],
      cell: (holder) => <StateMark state={holder.state} />,
      width: 120,
      grow: 0,
    },
    {
      id: 'blocks',
      header: 'Blocks',
      value: (holder) => holder.blocks,
      cell: (holder) => `${formatCount(holder.blocks)} of ${formatCount(holder.blockCount)}`,
      width: 100,
      grow: 0,
      isNumeric: true,
    },
    { id: 'detail', header: 'Why', value: (holder) => holder.detail, width: 80, grow: 2, isHiddenAtFirst: true },
    agoColumn('since', 'Told', (holder) => holder.sinceMs),
  ];
  if (onVerify === null) return columns;
  const button = (holder: PackageHolder) => (
    <Button
      size="small"
      disabled={!holder.online || holder.blocks === 0}
      aria-label={`Verify the copy of ${holder.name}`}
      onClick={(event) => {
        event.stopPropagation();
        onVerify(holder);
      }}
    >
      Verify
    </Button>
  );
  return [...columns, { id: 'verify', header: 'Action', value: () => null, cell: button, width: 80, grow: 0 }];
}

interface Verified {
  readonly from: CopyHolder;
  readonly name: string;
}

/** Who has to keep the package, and who has it. */
export function PackagePlaces({ entry }: { entry: PackageSummary }) {
  const { guid, version } = entry;
  const mayVerify = useMay('verifyCopy');
  const [verified, setVerified] = useState<Verified | null>(null);
  const answer = useAnswer('packageHolders', { params: { guid, version } }, { everyMs: refreshMs });
  const columns = useMemo(
    () => columnsOf(mayVerify ? ({ agentId, name }) => setVerified({ from: agentId, name }) : null),
    [mayVerify],
  );
  return (
    <>
      <Keepers entry={entry} />
      <Section
        title="Where it is"
        hint="By what the agents told last. The Notification Server has a copy of its own."
        actions={
          mayVerify && (
            <Button
              size="small"
              icon={<ShieldCheckmarkRegular />}
              onClick={() => setVerified({ from: 'notification-server', name: 'the Notification Server' })}
            >
              Verify the server’s copy
            </Button>
          )
        }
      >
        <AnswerView answer={answer} label="Asking who has it">
          {({ holders, agents, complete, packageServers }) => (
            <>
              <Text role="status">
                {agents === 0
                  ? 'No agent has it or is fetching it.'
                  : `${formatQuantity(complete, 'agent')} of ${formatCount(agents)} ${complete === 1 ? 'has' : 'have'} all of it, ${formatQuantity(packageServers, 'Package Server')} among them.`}
                {agents > maximumHoldersShown && ` The first ${formatCount(maximumHoldersShown)} are listed.`}
              </Text>
              {agents > 0 && (
                <DataTable
                  label="Where it is"
                  noun="agent"
                  columns={columns}
                  rows={holders}
                  rowId={({ agentId }) => agentId}
                  sortedBy={{ id: 'name' }}
                  onOpen={({ agentId }) => navigate(agentPath(agentId))}
                  empty="No agents."
                />
              )}
            </>
          )}
        </AnswerView>
      </Section>
      {verified !== null && <VerifyDialog entry={entry} {...verified} onClose={() => setVerified(null)} />}
    </>
  );
}

function Keepers({ entry }: { entry: PackageSummary }) {
  const { guid, version } = entry;
  const sites = useTopic('sites') ?? [];
  const servers = useAnswer('packageServers', {});
  const answer = useAnswer('packageAssignment', { params: { guid, version } });
  const mayAssign = useMay('assignPackage');
  const [isOpen, setIsOpen] = useState(false);
  const known = servers.data ?? [];
  return (
    <Section
      title="Package Servers"
      actions={
        mayAssign &&
        answer.data !== null && (
          <Button size="small" icon={<EditRegular />} disabled={entry.withdrawn} onClick={() => setIsOpen(true)}>
            Change
          </Button>
        )
      }
    >
      <AnswerView answer={answer} label="Asking who keeps it">
        {(assignment) => (
          <>
            <Text>
              {assignmentWords(
                assignment,
                sites,
                known.map(({ agentId, name }) => ({ id: agentId, name })),
              )}
            </Text>
            {isOpen && (
              <AssignmentDialog
                entry={entry}
                stored={assignment}
                servers={known}
                sites={sites}
                onClose={() => setIsOpen(false)}
              />
            )}
          </>
        )}
      </AnswerView>
    </Section>
  );
}
