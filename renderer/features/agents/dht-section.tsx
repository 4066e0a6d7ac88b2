import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { DiagnosticsDht, DiagnosticsPackage } from '../../../shared/contracts/diagnostics.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatCount, formatMilliseconds } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-model.ts';

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground2 },
  subnets: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(420px, 1fr))',
    gap: '16px 32px',
    marginBottom: '16px',
  },
  heading: { margin: '0 0 6px', fontSize: tokens.fontSizeBase300 },
  nodeId: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
});

interface LookupRow {
  readonly lookup: DiagnosticsDht['lookups'][number];
  readonly subnet: string;
  /** What was looked up, for people. */
  readonly subject: string;
}

const purposeWords: Record<LookupRow['lookup']['purpose'], string> = {
  download: 'To download',
  announce: 'To announce',
  join: 'To join',
};

const columns: readonly TableColumn<LookupRow>[] = [
  {
    id: 'time',
    header: 'Time',
    value: (row) => row.lookup.atMs,
    cell: (row) => <RelativeTime atMs={row.lookup.atMs} />,
    width: 90,
  },
  { id: 'subject', header: 'Looked up', value: (row) => row.subject, width: 180, grow: 2 },
  { id: 'purpose', header: 'Why', value: (row) => purposeWords[row.lookup.purpose], width: 110 },
  { id: 'subnet', header: 'Subnet', value: (row) => row.subnet, width: 120 },
  { id: 'hops', header: 'Hops', value: (row) => row.lookup.hops, width: 64, isNumeric: true },
  { id: 'contacted', header: 'Nodes asked', value: (row) => row.lookup.contacted, width: 100, isNumeric: true },
  { id: 'holders', header: 'Holders found', value: (row) => row.lookup.holders, width: 110, isNumeric: true },
  {
    id: 'elapsed',
    header: 'Took',
    value: (row) => row.lookup.elapsedMs,
    cell: (row) => formatMilliseconds(row.lookup.elapsedMs),
    width: 80,
    isNumeric: true,
  },
];

/** Where the agent stands in the DHT of each of its subnets, and how its last lookups went. */
export function DhtSection(props: {
  dht: readonly DiagnosticsDht[];
  packages: readonly DiagnosticsPackage[];
  isPeerDownloadingOn: boolean;
}) {
  const styles = useStyles();
  const rows = props.dht.flatMap((node) =>
    node.lookups.map((lookup) => ({ lookup, subnet: node.subnet, subject: subjectOf(lookup, props.packages) })),
  );
  return (
    <Section
      title="DHT"
      hint="Who holds a package that no announcement names: each subnet keeps that among its agents."
    >
      {props.dht.length === 0 ? (
        <Text className={styles.quiet}>
          {props.isPeerDownloadingOn
            ? 'This agent tells of no DHT: it is in no subnet now, or has not been updated.'
            : 'Peer downloading is off: this agent takes part in no DHT.'}
        </Text>
      ) : (
        <>
          <div className={styles.subnets}>
            {props.dht.map((node) => (
              <NodeFacts key={node.subnet} node={node} />
            ))}
          </div>
          <DataTable
            label="Last lookups"
            noun="lookup"
            columns={columns}
            rows={rows}
            rowId={(row) => `${row.subnet} ${row.lookup.purpose} ${row.lookup.target} ${row.lookup.atMs}`}
            sortedBy={{ id: 'time', descending: true }}
            hasTools={false}
            maxHeightPx={300}
            empty="Nothing has been looked up yet. A lookup runs when a download starts and when a package is announced."
          />
        </>
      )}
    </Section>
  );
}

function NodeFacts({ node }: { node: DiagnosticsDht }) {
  const styles = useStyles();
  const contacts = node.buckets.reduce((sum, bucket) => sum + bucket.contacts, 0);
  return (
    <div>
      <h3 className={styles.heading}>
        {node.subnet} ({node.kind === 'own' ? 'own' : 'additional'})
      </h3>
      <Facts
        facts={[
          [
            'Node id',
            <span key="id" className={styles.nodeId}>
              {node.nodeId}
            </span>,
          ],
          [
            'Contacts',
            `${formatCount(contacts)} in ${node.buckets.length === 1 ? '1 bucket' : `${formatCount(node.buckets.length)} buckets`}`,
          ],
          ['Buckets', bucketWords(node.buckets)],
          [
            'Kept for others',
            node.kind === 'own'
              ? `${formatCount(node.storedHolders)} holders of ${formatCount(node.storedPackages)} packages`
              : 'Nothing: the agent only asks there',
          ],
          ['Own packages announced', formatCount(node.announced)],
        ]}
      />
    </div>
  );
}

/** "0 bits: 8 (+3 silent), 1 bit: 4": contacts by the leading bits that they share with the own node id. */
function bucketWords(buckets: DiagnosticsDht['buckets']): string {
  if (buckets.length === 0) return 'None: no other agent of this subnet has been heard';
  return buckets
    .map(({ sharedBits, contacts, silent }) => {
      const more = silent === 0 ? '' : ` (+${silent} silent)`;
      return `${sharedBits} ${sharedBits === 1 ? 'bit' : 'bits'}: ${contacts}${more}`;
    })
    .join(', ');
}

function subjectOf(lookup: LookupRow['lookup'], packages: readonly DiagnosticsPackage[]): string {
  if (lookup.purpose === 'join') return 'Own node id';
  const named = packages.find(({ key }) => key === lookup.target);
  return named === undefined ? lookup.target : `${named.name} ${named.version}`;
}
