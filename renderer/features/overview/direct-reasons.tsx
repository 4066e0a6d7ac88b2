import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Overview } from '../../../shared/contracts/console-api.ts';
import { formatBytes, formatShare } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { reasonWords } from '../../components/words.ts';

const useStyles = makeStyles({
  list: { listStyle: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '10px' },
  line: { display: 'flex', columnGap: '12px', alignItems: 'baseline' },
  reason: { flexGrow: 1 },
  figure: { fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' },
  share: { minWidth: '52px', textAlign: 'right', color: tokens.colorNeutralForeground2 },
  track: {
    height: '6px',
    marginTop: '4px',
    borderRadius: '3px',
    backgroundColor: tokens.colorNeutralBackground4,
    forcedColorAdjust: 'none',
  },
  bar: { height: '6px', minWidth: '2px', borderRadius: '3px', backgroundColor: tokens.colorCompoundBrandBackground },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** The commonest question of helpdesks: why did it come from a server when a peer might have had it? */
export function DirectReasons({ reasons }: { reasons: Overview['directReasons'] }) {
  const styles = useStyles();
  const total = reasons.reduce((sum, { bytes }) => sum + bytes, 0);
  const sorted = [...reasons].sort((a, b) => b.bytes - a.bytes);
  return (
    <Section title="Why direct?" hint="Reasons from the decision journals, for every byte that came from a server.">
      {total === 0 ? (
        <Text className={styles.quiet}>Nothing has come from a server yet.</Text>
      ) : (
        <ul className={styles.list}>
          {sorted.map(({ reason, bytes }) => (
            <li key={reason}>
              <div className={styles.line}>
                <span className={styles.reason}>{reasonWords[reason]}</span>
                <span className={styles.figure}>{formatBytes(bytes)}</span>
                <span className={`${styles.figure} ${styles.share}`}>{formatShare(bytes, total)}</span>
              </div>
              <div className={styles.track} aria-hidden="true">
                <div className={styles.bar} style={{ width: `${(bytes / total) * 100}%` }} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
