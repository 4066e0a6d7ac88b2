import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { formatCount } from './format.ts';
import { Mark } from './state-mark.tsx';

const useStyles = makeStyles({
  progress: { display: 'flex', alignItems: 'center', columnGap: '10px', minWidth: 0 },
  track: {
    flex: '0 0 72px',
    display: 'flex',
    height: '8px',
    borderRadius: '4px',
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralBackground5,
    forcedColorAdjust: 'none',
  },
  ready: { backgroundColor: tokens.colorCompoundBrandBackground },
  downloading: {
    backgroundImage: `repeating-linear-gradient(45deg, ${tokens.colorCompoundBrandBackground} 0 2px, transparent 2px 5px)`,
  },
  failed: { backgroundColor: tokens.colorStatusDangerForeground1 },
  text: {
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontVariantNumeric: 'tabular-nums',
    color: tokens.colorNeutralForeground2,
  },
});

export interface DeliveryCounts {
  readonly agents: number;
  readonly ready: number;
  readonly downloading: number;
  readonly failed: number;
}

/** How far the agents are: a bar of three textures, and the same in words. */
export function DeliveryProgress({ counts, withdrawn = false }: { counts: DeliveryCounts; withdrawn?: boolean }) {
  const styles = useStyles();
  const { agents, ready, downloading, failed } = counts;
  if (withdrawn) return <Mark tone="calm">Withdrawn</Mark>;
  if (agents === 0) return <span className={styles.text}>Not delivered</span>;
  const words = [
    `${formatCount(ready)} of ${formatCount(agents)} ready`,
    ...(downloading > 0 ? [`${formatCount(downloading)} downloading`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ].join(', ');
  const share = (count: number) => ({ width: `${(count / agents) * 100}%` });
  return (
    <div className={styles.progress}>
      <div className={styles.track} aria-hidden="true">
        <div className={styles.ready} style={share(ready)} />
        <div className={mergeClasses(styles.downloading)} style={share(downloading)} />
        <div className={styles.failed} style={share(failed)} />
      </div>
      <span className={styles.text} title={words}>
        {words}
      </span>
    </div>
  );
}
