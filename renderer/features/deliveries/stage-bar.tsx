import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { DeliveryAgentState } from '../../../shared/contracts/deliveries.ts';
import { deliveryAgentStates } from '../../../shared/contracts/deliveries.ts';
import type { StageProgress } from '../../../shared/contracts/deliveries-api.ts';
import { formatCount } from '../../components/format.ts';
import { agentStateWords } from './delivery-words.ts';

const stripes = (colour: string, degrees: number) =>
  `repeating-linear-gradient(${degrees}deg, ${colour} 0 2px, transparent 2px 5px)`;

const useStyles = makeStyles({
  track: {
    display: 'flex',
    height: '14px',
    borderRadius: tokens.borderRadiusMedium,
    overflow: 'hidden',
    boxSizing: 'border-box',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground1,
    forcedColorAdjust: 'none',
  },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '2px 20px', fontSize: tokens.fontSizeBase200 },
  entry: { display: 'inline-flex', alignItems: 'center', columnGap: '6px', fontVariantNumeric: 'tabular-nums' },
  swatch: {
    width: '16px',
    height: '12px',
    boxSizing: 'border-box',
    borderRadius: '2px',
    forcedColorAdjust: 'none',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
  },
});

/** Each state has a texture of its own: nothing is told by colour alone. */
const useTextures = makeStyles({
  'not-offered': { backgroundColor: tokens.colorNeutralBackground1 },
  offered: { backgroundColor: tokens.colorNeutralBackground5 },
  downloading: { backgroundImage: stripes(tokens.colorCompoundBrandBackground, 45) },
  ready: {
    backgroundImage: `linear-gradient(${tokens.colorCompoundBrandBackground} 50%, ${tokens.colorBrandBackground2} 50%)`,
  },
  installing: { backgroundImage: stripes(tokens.colorStatusSuccessForeground1, 135) },
  installed: { backgroundColor: tokens.colorStatusSuccessForeground1 },
  'reboot-pending': {
    backgroundImage: `linear-gradient(${tokens.colorStatusSuccessForeground1} 50%, ${tokens.colorNeutralBackground5} 50%)`,
  },
  failed: {
    backgroundImage: stripes(tokens.colorStatusDangerForeground1, 0),
    backgroundColor: tokens.colorStatusDangerBackground2,
  },
  cancelled: { backgroundImage: stripes(tokens.colorNeutralForeground3, 90) },
});

/** From what is done to what is left; failures stand at the end. */
const order: readonly DeliveryAgentState[] = [
  'installed',
  'reboot-pending',
  'installing',
  'ready',
  'downloading',
  'offered',
  'not-offered',
  'cancelled',
  'failed',
];

export function StageBar({ stage }: { stage: Pick<StageProgress, 'states' | 'agents'> }) {
  const styles = useStyles();
  const textures = useTextures();
  const shown = order.filter((state) => stage.states[state] > 0);
  const all = deliveryAgentStates.reduce((sum, state) => sum + stage.states[state], 0);
  return (
    <>
      <div className={styles.track} aria-hidden="true">
        {shown.map((state) => (
          <div
            key={state}
            className={textures[state]}
            style={{ width: `${(stage.states[state] / Math.max(1, all)) * 100}%` }}
          />
        ))}
      </div>
      <div className={styles.legend}>
        {shown.length === 0 && 'No agent is meant now.'}
        {shown.map((state) => (
          <span key={state} className={styles.entry}>
            <span className={mergeClasses(styles.swatch, textures[state])} aria-hidden="true" />
            {formatCount(stage.states[state])} {agentStateWords[state].toLowerCase()}
          </span>
        ))}
      </div>
    </>
  );
}
