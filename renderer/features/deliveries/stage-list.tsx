import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Delivery, StageProgress } from '../../../shared/contracts/deliveries-api.ts';
import { formatCount, formatExactTime, formatQuantity, formatShare } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { failureWords, targetWords } from '../../components/words.ts';
import { startWords } from './delivery-sentences.ts';
import { doneOfStage } from './delivery-words.ts';
import { StageBar } from './stage-bar.tsx';

const useStyles = makeStyles({
  list: { listStyle: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '18px' },
  stage: { display: 'flex', flexDirection: 'column', rowGap: '6px' },
  top: { display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: '2px 12px' },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  begin: { flexGrow: 1, color: tokens.colorNeutralForeground2 },
  done: { fontVariantNumeric: 'tabular-nums' },
  failures: { margin: 0, paddingLeft: '18px', color: tokens.colorNeutralForeground1 },
});

/** The stages in their order: where their agents stand, and why some failed. */
export function StageList({ delivery }: { delivery: Delivery }) {
  const styles = useStyles();
  const sites = useTopic('sites');
  const siteName = (id: string) => sites?.find((site) => site.id === id)?.name;
  return (
    <ol className={styles.list}>
      {delivery.stages.map((stage, index) => {
        const done = doneOfStage(stage, delivery.installation !== null);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: stages have no identity but their place
          <li key={index} className={styles.stage}>
            <div className={styles.top}>
              <h3 className={styles.name}>
                Stage {index + 1}: {targetWords(stage.target, siteName)}
              </h3>
              <Text size={200} className={styles.begin}>
                <Beginning stage={stage} index={index} isCancelled={delivery.status === 'cancelled'} />
              </Text>
              <Text className={styles.done}>
                {formatCount(done)} of {formatQuantity(stage.agents, 'agent')} done ({formatShare(done, stage.agents)})
              </Text>
            </div>
            <StageBar stage={stage} />
            {stage.failures.length > 0 && (
              <ul className={styles.failures} aria-label={`Failures of stage ${index + 1}`}>
                {stage.failures.map(({ reason, agents }) => (
                  <li key={reason}>
                    {failureWords[reason]}: {formatQuantity(agents, 'agent')}
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface BeginningProps {
  readonly stage: StageProgress;
  readonly index: number;
  readonly isCancelled: boolean;
}

function Beginning({ stage, index, isCancelled }: BeginningProps) {
  const { startedAtMs, isByHand, dueAtMs, start } = stage;
  if (startedAtMs !== null) {
    return (
      <>
        begun {isByHand && 'by hand '}
        <RelativeTime atMs={startedAtMs} />
      </>
    );
  }
  if (isCancelled) return 'did not begin';
  if (dueAtMs !== null) return `begins ${formatExactTime(dueAtMs)} if nothing changes`;
  return start === null ? 'has not begun' : `begins ${startWords(start, index)}`;
}
