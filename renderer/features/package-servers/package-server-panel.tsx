import { Button, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { DeleteRegular, EditRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import { agentIdSchema } from '../../../shared/contracts/primitives.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatBytes, formatCount, formatQuantity, formatShare } from '../../components/format.ts';
import { PlainTable } from '../../components/plain-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { PackageServerDialog } from './package-server-dialog.tsx';
import { packageServerState } from './package-server-form.ts';

const refreshMs = 2000;

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', rowGap: '16px' },
  buttons: { display: 'flex', gap: '8px' },
  heading: { margin: '0 0 4px', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface PackageServerPanelProps {
  /** Of the address; what a person typed there may be no id. */
  readonly agentId: string;
  readonly server: PackageServer | undefined;
  readonly onClose: () => void;
}

export function PackageServerPanel({ agentId, server, onClose }: PackageServerPanelProps) {
  const parsed = agentIdSchema.safeParse(agentId);
  if (server === undefined || !parsed.success) {
    return (
      <SidePanel title="No Package Server" onClose={onClose}>
        <Text>The agent of this address is no Package Server. Somebody may have taken the role from it.</Text>
      </SidePanel>
    );
  }
  return (
    <SidePanel title={server.name} onClose={onClose} footer={<Actions server={server} />}>
      <Details agentId={parsed.data} server={server} />
    </SidePanel>
  );
}

function Details({ agentId, server }: { agentId: AgentId; server: PackageServer }) {
  const styles = useStyles();
  const answer = useAnswer('packageServer', { params: { agentId } }, { everyMs: refreshMs });
  const { traffic } = server;
  return (
    <div className={styles.body}>
      <Facts
        facts={[
          ['Requests', formatCount(traffic.requests)],
          ['Had the block', `${formatCount(traffic.hits)} (${formatShare(traffic.hits, traffic.requests)})`],
          ['Served', formatBytes(traffic.servedBytes)],
          ['Fetched', formatBytes(traffic.fetchedBytes)],
          ['Saved', formatBytes(traffic.savedBytes)],
        ]}
      />
      <div>
        <h3 className={styles.heading}>What it served to which site</h3>
        <AnswerView answer={answer} label="Reading what it served">
          {({ served }) =>
            served.length === 0 ? (
              <Text className={styles.quiet}>Nobody has asked it for a package yet.</Text>
            ) : (
              <PlainTable
                label="What it served to which site"
                columns={[
                  { header: 'Package' },
                  { header: 'To site' },
                  { header: 'Hits', isNumeric: true },
                  { header: 'Served', isNumeric: true },
                ]}
                rows={served.map(({ key, packageName, packageVersion, siteName, requests, hits, bytes }) => ({
                  id: `${key} ${siteName}`,
                  cells: [
                    `${packageName} ${packageVersion}`,
                    siteName ?? 'No site',
                    `${formatCount(hits)} of ${formatCount(requests)}`,
                    formatBytes(bytes),
                  ],
                }))}
              />
            )
          }
        </AnswerView>
      </div>
      <Facts
        facts={[
          [
            'Agent',
            <Link key="agent" href={`#/agents/${agentId}`}>
              {server.name}
            </Link>,
          ],
          ['State', packageServerState(server)],
          [
            'Serves the site',
            server.servesSiteId === null ? (
              'None: no site has its address'
            ) : (
              <Link key="site" href={`#/sites/${server.servesSiteId}`}>
                {server.servesSiteName ?? server.servesSiteId}
              </Link>
            ),
          ],
          ['Which is', server.siteId === null ? 'That of its address' : 'Set by hand'],
          ['Address', server.address],
          ['Stores and serves', server.constrained ? 'Assigned packages only' : 'Whatever is asked for'],
          ['Packages ready', formatCount(server.packagesReady)],
          ['Packages assigned', formatCount(server.packagesAssigned)],
          ['Upload to all together', server.maxUpload === 0 ? 'Unlimited' : `${formatCount(server.maxUpload)} KB/s`],
          ['Share of its disk', `${server.maxCache} %`],
          ['Looked up again after', formatQuantity(server.freshFor, 'hour')],
          [
            'Last changed',
            <>
              <RelativeTime atMs={server.updatedAtMs} /> {server.updatedBy !== '' && `by ${server.updatedBy}`}
            </>,
          ],
        ]}
      />
    </div>
  );
}

function Actions({ server }: { server: PackageServer }) {
  const styles = useStyles();
  const mayUpdate = useMay('updatePackageServer');
  const mayRemove = useMay('removePackageServer');
  const [dialog, setDialog] = useState<'none' | 'edit' | 'remove'>('none');
  const [isBusy, setIsBusy] = useState(false);
  if (!mayUpdate && !mayRemove) return <Text size={200}>Administrators may change it.</Text>;
  const remove = async () => {
    setIsBusy(true);
    try {
      await callConsole('removePackageServer', { params: { agentId: server.agentId } });
      notify('success', `${server.name} is no Package Server any longer.`);
      askAgain('packageServers');
      navigate('/package-servers');
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
      setDialog('none');
    }
  };
  return (
    <div className={styles.buttons}>
      {mayUpdate && (
        <Button icon={<EditRegular />} onClick={() => setDialog('edit')}>
          Edit
        </Button>
      )}
      {mayRemove && (
        <Button icon={<DeleteRegular />} onClick={() => setDialog('remove')}>
          Remove…
        </Button>
      )}
      {dialog === 'edit' && <PackageServerDialog server={server} known={[]} onClose={() => setDialog('none')} />}
      <ConfirmDialog
        open={dialog === 'remove'}
        title={`Take the role from ${server.name}?`}
        confirmLabel="Remove Package Server"
        isBusy={isBusy}
        onConfirm={() => void remove()}
        onCancel={() => setDialog('none')}
      >
        {server.servesSiteName === null ? 'It serves no site now.' : `It stops serving “${server.servesSiteName}”.`} The
        computers there go on with another Package Server of the site, the next one above, or the Notification Server.
        It keeps its packages as any agent does. While a channel or the assignment of a package names it, nothing
        happens and you are told which.
      </ConfirmDialog>
    </div>
  );
}
