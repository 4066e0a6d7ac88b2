import { Button, makeStyles, Toolbar, ToolbarButton, Tooltip, tokens } from '@fluentui/react-components';
import { AddRegular, ArrowDownRegular, ArrowUpRegular, CopyRegular, DeleteRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { formatQuantity } from '../../components/format.ts';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { replacePath } from '../../stores/route-store.ts';
import { NewPolicyDialog } from './new-policy-dialog.tsx';
import { PolicyFileMenu } from './policy-file-menu.tsx';
import { policyPath } from './settings-paths.ts';
import type { PolicyOrdering } from './use-policy-order.ts';

const useStyles = makeStyles({
  tools: { padding: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, columnGap: 0 },
  space: { flexGrow: 1 },
});

interface PolicyToolsProps {
  readonly policies: readonly Policy[];
  readonly selected: Policy;
  readonly ordering: PolicyOrdering;
}

type OpenDialog = 'none' | 'add' | 'duplicate' | 'delete';

export function PolicyTools({ policies, selected, ordering }: PolicyToolsProps) {
  const styles = useStyles();
  const [dialog, setDialog] = useState<OpenDialog>('none');
  const [isBusy, setIsBusy] = useState(false);
  const remove = async () => {
    setIsBusy(true);
    try {
      const { changes } = await changeConsole('deletePolicy', { params: { id: selected.id } });
      const next = policies.find((policy) => policy.id !== selected.id);
      replaceInFeed('policies', (list) => list.filter((policy) => policy.id !== selected.id));
      notifyChange(`“${selected.name}” is deleted.`, changes);
      if (next !== undefined) replacePath(policyPath(next.id));
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setDialog('none');
      setIsBusy(false);
    }
  };
  return (
    <>
      <Toolbar className={styles.tools} aria-label="Policies">
        <Button size="small" appearance="primary" icon={<AddRegular />} onClick={() => setDialog('add')}>
          Add
        </Button>
        <span className={styles.space} />
        <ToolTipButton label="Duplicate policy" icon={<CopyRegular />} onClick={() => setDialog('duplicate')} />
        <ToolTipButton
          label="Move up"
          icon={<ArrowUpRegular />}
          isDisabled={!ordering.canMove(selected.id, -1)}
          onClick={() => ordering.moveBy(selected.id, -1)}
        />
        <ToolTipButton
          label="Move down"
          icon={<ArrowDownRegular />}
          isDisabled={!ordering.canMove(selected.id, 1)}
          onClick={() => ordering.moveBy(selected.id, 1)}
        />
        <ToolTipButton
          label="Delete policy"
          icon={<DeleteRegular />}
          isDisabled={selected.isGlobal || isBusy}
          onClick={() => setDialog('delete')}
        />
        <PolicyFileMenu selected={selected} />
      </Toolbar>
      {(dialog === 'add' || dialog === 'duplicate') && (
        <NewPolicyDialog
          policies={policies}
          copyOf={dialog === 'duplicate' ? selected : null}
          onClose={() => setDialog('none')}
        />
      )}
      <ConfirmDialog
        open={dialog === 'delete'}
        title={`Delete “${selected.name}”?`}
        confirmLabel="Delete policy"
        isBusy={isBusy}
        onConfirm={() => void remove()}
        onCancel={() => setDialog('none')}
      >
        {selected.appliesToAgents === 0
          ? 'No agent has it as its policy now.'
          : `${formatQuantity(selected.appliesToAgents, 'agent')} will at once take the settings of the next policy in the list that targets them.`}{' '}
        The audit trail can bring the policy back.
      </ConfirmDialog>
    </>
  );
}

function ToolTipButton(props: { label: string; icon: React.JSX.Element; isDisabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip content={props.label} relationship="label">
      <ToolbarButton icon={props.icon} disabledFocusable={props.isDisabled === true} onClick={props.onClick} />
    </Tooltip>
  );
}
