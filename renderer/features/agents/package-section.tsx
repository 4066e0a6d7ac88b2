import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { DiagnosticsPackage } from '../../../shared/contracts/diagnostics.ts';
import { Facts } from '../../components/facts.tsx';
import { formatBytes, formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { priorityWords, roleWords, sourceWords } from '../../components/words.ts';
import { BlockMap } from './block-map.tsx';
import { BytesBySource } from './bytes-by-source.tsx';

const useStyles = makeStyles({
  sentence: { color: tokens.colorNeutralForeground1 },
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 6fr)',
    gap: '16px 32px',
    marginTop: '8px',
    '@media (max-width: 1000px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  heading: { margin: '0 0 6px', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
});

/** One package on an agent: how far it is, from where, and why. */
export function PackageSection({ entry }: { entry: DiagnosticsPackage }) {
  const styles = useStyles();
  return (
    <Section
      title={`${entry.name} ${entry.version}`}
      hint={`${formatBytes(entry.totalSizeBytes)} · ${priorityWords[entry.priority]} priority`}
      actions={<StateMark state={entry.state} />}
    >
      <Text className={styles.sentence}>{entry.sentence}</Text>
      <BlockMap blockCount={entry.blockCount} blocks={entry.blocks} inFlight={entry.inFlight} />
      <div className={styles.columns}>
        <div>
          <h3 className={styles.heading}>Download</h3>
          <Facts
            facts={[
              ['Role', roleWords[entry.role]],
              [
                'First downloader',
                entry.claim === null ? (
                  'None'
                ) : (
                  <span key="claim" title={`Claim epoch ${entry.claim.epoch}`}>
                    {entry.claim.claimerName}, heard <RelativeTime atMs={entry.claim.lastHeardMs} />
                  </span>
                ),
              ],
              ['Sources now', sourcesNow(entry)],
              ['Holders known', formatCount(entry.holders)],
              ['Attempts', formatCount(entry.attempts)],
            ]}
          />
        </div>
        <div>
          <h3 className={styles.heading}>Where the bytes came from, and why</h3>
          <BytesBySource portions={entry.bytesBySource} />
        </div>
      </div>
    </Section>
  );
}

/** Sources of the blocks in flight, with their number: "Peer × 3, Notification Server × 1". */
function sourcesNow(entry: DiagnosticsPackage): string {
  const counts = new Map<string, number>();
  for (const { source } of entry.inFlight) counts.set(sourceWords[source], (counts.get(sourceWords[source]) ?? 0) + 1);
  return counts.size === 0 ? 'None' : [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
}
