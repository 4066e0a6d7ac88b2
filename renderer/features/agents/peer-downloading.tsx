import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { InfoRegular } from '@fluentui/react-icons';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatBytes, formatClockTime, formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { DecisionJournal } from './decision-journal.tsx';
import { DhtSection } from './dht-section.tsx';
import { HttpLogTable } from './http-log.tsx';
import { PackageSection } from './package-section.tsx';
import { PeersTable } from './peers-table.tsx';

const useStyles = makeStyles({
  answer: {
    display: 'flex',
    columnGap: '12px',
    alignItems: 'flex-start',
    padding: '14px 16px',
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderLeft: `4px solid ${tokens.colorCompoundBrandBackground}`,
    backgroundColor: tokens.colorNeutralBackground2,
    '& svg': { fontSize: '20px', flexShrink: 0, marginTop: '2px', color: tokens.colorBrandForeground1 },
  },
  sentence: { margin: '0 0 2px' },
  quiet: { color: tokens.colorNeutralForeground2 },
  pair: {
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: '16px',
    alignItems: 'start',
    '@media (max-width: 1000px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
});

type Subnet = AgentDiagnostics['subnets'][number];
const subnetColumns: readonly TableColumn<Subnet>[] = [
  { id: 'subnet', header: 'Subnet', value: (row) => row.subnet, width: 120 },
  { id: 'adapter', header: 'Adapter', value: (row) => row.adapter, width: 100 },
  { id: 'kind', header: 'Kind', value: (row) => (row.kind === 'own' ? 'Own' : 'Additional'), width: 90 },
  { id: 'peers', header: 'Peers', value: (row) => row.peers, width: 60, isNumeric: true },
];

const droppedWords: Record<keyof AgentDiagnostics['datagrams']['dropped'] & string, string> = {
  malformed: 'malformed',
  'wrong-mac': 'wrong MAC',
  'unknown-group-key': 'unknown group key',
  'retired-group-key': 'retired group key',
  'revoked-agent': 'of a revoked agent',
  'foreign-server': 'of another server',
  'outside-subnets': 'from outside the subnets',
  replayed: 'replayed',
  'older-boot': 'of an older boot',
  'wrong-date': 'of a wrong date',
  'wrong-signature': 'with a wrong signature',
  'own-echo': 'own echo',
  overloaded: 'while too busy',
};

/** What the agent itself says about its downloads, once a second. */
export function PeerDownloading({ diagnostics }: { diagnostics: AgentDiagnostics }) {
  const styles = useStyles();
  return (
    <>
      <div className={styles.answer} role="note" aria-label="The answer in one sentence">
        <InfoRegular aria-hidden />
        <div>
          <Text as="p" size={400} block className={styles.sentence}>
            {diagnostics.sentence}
          </Text>
          <Text size={200} className={styles.quiet}>
            {diagnostics.sinceMs !== null && (
              <>
                Since {formatClockTime(diagnostics.sinceMs)} (<RelativeTime atMs={diagnostics.sinceMs} />) ·{' '}
              </>
            )}
            Peer downloading is {diagnostics.peerDownloading ? 'on' : 'off'} · reported{' '}
            <RelativeTime atMs={diagnostics.atMs} /> · started <RelativeTime atMs={diagnostics.startedAtMs} />
          </Text>
        </div>
      </div>
      {diagnostics.packages.map((entry) => (
        <PackageSection key={entry.key} entry={entry} />
      ))}
      {diagnostics.packages.length === 0 && (
        <Section title="Packages">
          <Text className={styles.quiet}>This agent has no package. Deliver one on the Packages page.</Text>
        </Section>
      )}
      <PeersTable peers={diagnostics.peers} />
      <DecisionJournal entries={diagnostics.journal} />
      <div className={styles.pair}>
        <Section title="Subnets available">
          <DataTable
            label="Subnets"
            noun="subnet"
            columns={subnetColumns}
            rows={diagnostics.subnets}
            rowId={(row) => `${row.subnet} ${row.adapter}`}
            sortedBy={{ id: 'kind', descending: true }}
            hasTools={false}
            maxHeightPx={240}
            empty="No subnet: peer downloading is off or no adapter has an IPv4 address."
          />
        </Section>
        <Counters diagnostics={diagnostics} />
      </div>
      <DhtSection
        dht={diagnostics.dht}
        packages={diagnostics.packages}
        isPeerDownloadingOn={diagnostics.peerDownloading}
      />
      <HttpLogTable
        entries={diagnostics.httpLog}
        nameOf={(agentId) => diagnostics.peers.find((peer) => peer.agentId === agentId)?.name ?? null}
      />
    </>
  );
}

function Counters({ diagnostics }: { diagnostics: AgentDiagnostics }) {
  const { httpServer, datagrams } = diagnostics;
  const dropped = Object.entries(datagrams.dropped).filter(([, count]) => (count ?? 0) > 0);
  return (
    <Section title="HTTP server and datagrams">
      <Facts
        facts={[
          ['Requests now', `${formatCount(httpServer.activeRequests)} of ${formatCount(httpServer.requestLimit)}`],
          ['Requests served', formatCount(httpServer.served)],
          ['Refused as busy', formatCount(httpServer.refusedBusy)],
          ['Sent to peers', formatBytes(httpServer.bytesOut)],
          ['Datagrams sent', formatCount(datagrams.sent)],
          ['Datagrams received', formatCount(datagrams.received)],
          [
            'Datagrams dropped',
            dropped.length === 0
              ? '0'
              : dropped
                  .map(
                    ([kind, count]) => `${formatCount(count ?? 0)} ${droppedWords[kind as keyof typeof droppedWords]}`,
                  )
                  .join(', '),
          ],
        ]}
      />
    </Section>
  );
}
