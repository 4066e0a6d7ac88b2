import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Radio,
  RadioGroup,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { FocusReturn } from '../../components/focus-return.tsx';
import { formatExactTime } from '../../components/format.ts';
import type { PolicyConflict, PolicyDifference, PolicyPart } from '../../stores/policy-conflict.ts';
import { partLabel, partValueWords } from './setting-words.ts';

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  content: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
  part: {
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    padding: '8px 12px',
  },
  label: { fontWeight: tokens.fontWeightSemibold },
  choices: { display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: '12px' },
  list: { margin: '4px 0 0', paddingLeft: '20px' },
});

interface ConflictDialogProps {
  readonly conflict: PolicyConflict;
  readonly sites: readonly Site[];
  readonly isBusy: boolean;
  /** `takeTheirs`: the contested parts in which the other side wins. */
  readonly onMerge: (takeTheirs: ReadonlySet<PolicyPart>) => void;
  /** Drops the own changes and shows what is stored. */
  readonly onTakeAllTheirs: () => void;
  readonly onCancel: () => void;
}

/** Somebody else saved first: both sides, setting by setting, and the person decides. */
export function ConflictDialog(props: ConflictDialogProps) {
  const styles = useStyles();
  const { conflict, sites } = props;
  const [theirsWin, setTheirsWin] = useState<ReadonlySet<PolicyPart>>(new Set());
  const choose = (part: PolicyPart, isTheirs: boolean) => {
    const next = new Set(theirsWin);
    if (isTheirs) next.add(part);
    else next.delete(part);
    setTheirsWin(next);
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_event, data) => data.open || props.onCancel()}>
      <DialogSurface className={styles.surface}>
        <FocusReturn />
        <DialogBody>
          <DialogTitle>Somebody else saved this policy</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>
              {conflict.theirs.updatedBy} saved version {conflict.theirs.version} on{' '}
              {formatExactTime(conflict.theirs.updatedAtMs)}, after you opened the policy.{' '}
              {conflict.contested.length > 0
                ? 'Choose which value to keep where you both made a change.'
                : 'You changed different settings: both changes can be kept.'}
            </Text>
            {conflict.contested.map((difference) => (
              <div key={difference.part} className={styles.part}>
                <Text className={styles.label}>{partLabel(difference.part)}</Text>
                <RadioGroup
                  className={styles.choices}
                  aria-label={partLabel(difference.part)}
                  value={theirsWin.has(difference.part) ? 'theirs' : 'mine'}
                  onChange={(_event, data) => choose(difference.part, data.value === 'theirs')}
                >
                  <Radio value="mine" label={`Keep mine: ${partValueWords(difference.part, difference.mine, sites)}`} />
                  <Radio
                    value="theirs"
                    label={`Take theirs: ${partValueWords(difference.part, difference.theirs, sites)}`}
                  />
                </RadioGroup>
              </div>
            ))}
            <Summary
              title="Changed only by them, taken over"
              side="theirs"
              differences={conflict.onlyTheirs}
              sites={sites}
            />
            <Summary title="Changed only by you, kept" side="mine" differences={conflict.onlyMine} sites={sites} />
          </DialogContent>
          <DialogActions fluid>
            <Button appearance="primary" disabled={props.isBusy} onClick={() => props.onMerge(theirsWin)}>
              Save the merged policy
            </Button>
            <Button disabled={props.isBusy} onClick={props.onTakeAllTheirs}>
              Discard my changes
            </Button>
            <Button disabled={props.isBusy} onClick={props.onCancel}>
              Back to editing
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Summary(props: {
  title: string;
  side: 'mine' | 'theirs';
  differences: readonly PolicyDifference[];
  sites: readonly Site[];
}) {
  const styles = useStyles();
  if (props.differences.length === 0) return null;
  return (
    <div>
      <Text className={styles.label}>{props.title}</Text>
      <ul className={styles.list}>
        {props.differences.map((difference) => (
          <li key={difference.part}>
            {partLabel(difference.part)}: {partValueWords(difference.part, difference[props.side], props.sites)}
          </li>
        ))}
      </ul>
    </div>
  );
}
