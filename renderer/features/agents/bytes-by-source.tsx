import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import { formatBytes, formatShare } from '../../components/format.ts';
import { reasonWords, sourceWords } from '../../components/words.ts';

const useStyles = makeStyles({
  table: { borderCollapse: 'collapse', width: '100%' },
  head: {
    textAlign: 'left',
    padding: '2px 12px 2px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  cell: { padding: '3px 12px 3px 0', borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
  number: { textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Which source gave which bytes, and why. */
export function BytesBySource({ portions }: { portions: AgentDetail['packages'][number]['bytesBySource'] }) {
  const styles = useStyles();
  if (portions.length === 0) {
    return (
      <Text size={200} className={styles.quiet}>
        Nothing has been transferred yet.
      </Text>
    );
  }
  const total = portions.reduce((sum, { bytes }) => sum + bytes, 0);
  const number = `${styles.cell} ${styles.number}`;
  return (
    <table className={styles.table} aria-label="Bytes by source">
      <thead>
        <tr>
          <th scope="col" className={styles.head}>
            Source
          </th>
          <th scope="col" className={styles.head}>
            Why
          </th>
          <th scope="col" className={`${styles.head} ${styles.number}`}>
            Bytes
          </th>
          <th scope="col" className={`${styles.head} ${styles.number}`}>
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {[...portions]
          .sort((a, b) => b.bytes - a.bytes)
          .map(({ source, reason, bytes }) => (
            <tr key={`${source} ${reason}`}>
              <td className={styles.cell}>{sourceWords[source]}</td>
              <td className={styles.cell}>{reasonWords[reason]}</td>
              <td className={number}>{formatBytes(bytes)}</td>
              <td className={number}>{formatShare(bytes, total)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
