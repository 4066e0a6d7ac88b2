import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { EditRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { useController } from 'react-hook-form';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { DiscardDialog, useTyped } from '../../components/discard-dialog.tsx';
import { FocusReturn } from '../../components/focus-return.tsx';
import { formatQuantity } from '../../components/format.ts';
import { isTargetComplete, TargetEditor } from '../../components/target-editor.tsx';
import { targetWords } from '../../components/words.ts';
import type { PolicyFormValues } from './policy-form.ts';

const useStyles = makeStyles({
  line: { display: 'flex', alignItems: 'center', columnGap: '8px', minHeight: '32px', minWidth: 0 },
  field: { minWidth: 0 },
  change: { flexShrink: 0, whiteSpace: 'nowrap' },
  words: {
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontWeight: tokens.fontWeightSemibold,
  },
});

interface TargetFieldProps {
  readonly policyId: string;
  readonly isGlobal: boolean;
  readonly sites: readonly Site[];
  /** How many agents have the stored policy as theirs now. */
  readonly appliesToAgents: number;
}

export function TargetField({ policyId, isGlobal, sites, appliesToAgents }: TargetFieldProps) {
  const styles = useStyles();
  const { field } = useController<PolicyFormValues, 'target'>({ name: 'target' });
  const [isOpen, setIsOpen] = useState(false);
  const target = field.value as Target;
  return (
    <Field
      className={styles.field}
      label="Applies to"
      hint={`The policy of ${formatQuantity(appliesToAgents, 'agent')} now.`}
    >
      <div className={styles.line}>
        <Text className={styles.words}>{targetWords(target, (id) => sites.find((site) => site.id === id)?.name)}</Text>
        {!isGlobal && (
          <Button size="small" className={styles.change} icon={<EditRegular />} onClick={() => setIsOpen(true)}>
            Change target
          </Button>
        )}
        {isOpen && (
          <TargetDialog
            policyId={policyId}
            target={target}
            onClose={() => setIsOpen(false)}
            onChange={(next) => {
              field.onChange(next);
              setIsOpen(false);
            }}
          />
        )}
      </div>
    </Field>
  );
}

function TargetDialog(props: {
  policyId: string;
  target: Target;
  onChange: (target: Target) => void;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState(props.target);
  const [isChecked, setIsChecked] = useState(false);
  const { isDirty, isAsking, setIsAsking } = useTyped(draft);
  return (
    <Dialog open onOpenChange={(_event, data) => data.open || (isDirty ? setIsAsking(true) : props.onClose())}>
      <DialogSurface>
        <FocusReturn />
        <DialogBody>
          <DialogTitle>Target of this policy</DialogTitle>
          <DialogContent>
            <TargetEditor
              label="Applies to"
              value={draft}
              onChange={setDraft}
              isChecked={isChecked}
              policyId={props.policyId}
            />
          </DialogContent>
          <DialogActions>
            <Button
              appearance="primary"
              onClick={() => (isTargetComplete(draft) ? props.onChange(draft) : setIsChecked(true))}
            >
              Use this target
            </Button>
            <Button onClick={props.onClose}>Cancel</Button>
          </DialogActions>
        </DialogBody>
        <DiscardDialog isAsking={isAsking} onStay={() => setIsAsking(false)} onDiscard={props.onClose} />
      </DialogSurface>
    </Dialog>
  );
}
