import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  ArrowSyncRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleFilled,
  ProhibitedRegular,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { ReplicationState } from '../../../shared/contracts/channels.ts';
import type { ChannelCopy } from '../../../shared/contracts/channels-api.ts';
import { type Matrix, replicationWords } from './channel-words.ts';

const useStyles = makeStyles({
  scroll: { overflowX: 'auto' },
  table: { borderCollapse: 'collapse' },
  head: {
    textAlign: 'left',
    padding: '4px 12px 6px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    whiteSpace: 'nowrap',
  },
  cell: {
    padding: '6px 12px 6px 0',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    whiteSpace: 'nowrap',
    fontWeight: tokens.fontWeightRegular,
    textAlign: 'left',
  },
  mark: {
    display: 'inline-flex',
    alignItems: 'center',
    columnGap: '6px',
    '& svg': { fontSize: '16px', flexShrink: 0 },
  },
  good: { '& svg': { color: tokens.colorStatusSuccessForeground1 } },
  bad: { '& svg': { color: tokens.colorStatusDangerForeground1 } },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const icons: Record<ReplicationState, ReactNode> = {
  waiting: <ClockRegular />,
  'not-before': <ClockRegular />,
  'outside-window': <ClockRegular />,
  copying: <ArrowSyncRegular />,
  complete: <CheckmarkCircleFilled />,
  failed: <DismissCircleFilled />,
  withdrawn: <ProhibitedRegular />,
  expired: <ProhibitedRegular />,
};

/** Where each copy stands: an icon and a word, so that colour says nothing alone. */
export function CopyMark({ copy }: { copy: ChannelCopy }) {
  const styles = useStyles();
  const { state, percent } = copy;
  const colour = state === 'complete' ? styles.good : state === 'failed' ? styles.bad : styles.quiet;
  return (
    <span className={mergeClasses(styles.mark, colour)} title={copy.reason}>
      {icons[state]}
      {state === 'copying' ? `${percent} %` : replicationWords[state]}
    </span>
  );
}

/** Packages down, Package Servers across. */
export function ReplicationMatrix({ matrix }: { matrix: Matrix }) {
  const styles = useStyles();
  return (
    <div className={styles.scroll}>
      <table className={styles.table} aria-label="Replication">
        <thead>
          <tr>
            <th scope="col" className={styles.head}>
              Package
            </th>
            {matrix.servers.map(({ agentId, name, online }) => (
              <th key={agentId} scope="col" className={styles.head}>
                {name}
                {!online && ' (offline)'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className={styles.cell}>
                {row.name}
              </th>
              {matrix.servers.map(({ agentId }) => {
                const copy = row.copies.get(agentId);
                return (
                  <td key={agentId} className={styles.cell}>
                    {copy === undefined ? '–' : <CopyMark copy={copy} />}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
