import {
  Button,
  makeStyles,
  mergeClasses,
  Text,
  Toolbar,
  ToolbarButton,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import { AddRegular, ArrowDownRegular, ArrowUpRegular, CopyRegular, DeleteRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useMay } from '../../components/use-answer.ts';
import { targetWords } from '../../components/words.ts';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { replacePath } from '../../stores/route-store.ts';
import { NewPolicyDialog } from './new-policy-dialog.tsx';
import { PolicyFileMenu } from './policy-file-menu.tsx';
import { movedIds } from './policy-order.ts';
import { policyPath } from './settings-paths.ts';

const useStyles = makeStyles({
  panel: {
    display: 'flex',
    flexDirection: 'column',
    minHeight: 0,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tools: { padding: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, columnGap: 0 },
  space: { flexGrow: 1 },
  list: { listStyle: 'none', margin: 0, padding: '8px', overflowY: 'auto', flexGrow: 1 },
  link: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr)',
    columnGap: '8px',
    padding: '8px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandBackground}`,
  },
  order: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums', textAlign: 'right' },
  name: { display: 'block', fontWeight: tokens.fontWeightSemibold, overflow: 'hidden', textOverflow: 'ellipsis' },
  detail: { display: 'block', color: tokens.colorNeutralForeground2, overflow: 'hidden', textOverflow: 'ellipsis' },
  hint: { padding: '8px 16px 12px', color: tokens.colorNeutralForeground2 },
});

interface PolicyListProps {
  readonly policies: readonly Policy[];
  readonly sites: readonly Site[];
  readonly selected: Policy;
}

export function PolicyList({ policies, sites, selected }: PolicyListProps) {
  const styles = useStyles();
  const mayChange = useMay('createPolicy');
  return (
    <div className={styles.panel}>
      {mayChange && <PolicyTools policies={policies} selected={selected} />}
      <ol className={styles.list} aria-label="Policies by priority">
        {policies.map((policy, index) => (
          <li key={policy.id}>
            <a
              href={`#${policyPath(policy.id)}`}
              className={mergeClasses(styles.link, policy.id === selected.id && styles.current)}
              aria-current={policy.id === selected.id ? 'true' : undefined}
            >
              <span className={styles.order}>{index + 1}</span>
              <span>
                <Text className={styles.name} wrap={false}>
                  {policy.name}
                </Text>
                <Text size={200} className={styles.detail} wrap={false}>
                  {targetWords(policy.target, (id) => sites.find((site) => site.id === id)?.name)} ·{' '}
                  {formatQuantity(policy.appliesToAgents, 'agent')}
                </Text>
              </span>
            </a>
          </li>
        ))}
      </ol>
      <Text size={200} className={styles.hint}>
        The first policy whose target matches an agent is its policy.
      </Text>
    </div>
  );
}

type OpenDialog = 'none' | 'add' | 'duplicate' | 'delete';

function PolicyTools({ policies, selected }: Omit<PolicyListProps, 'sites'>) {
  const styles = useStyles();
  const [dialog, setDialog] = useState<OpenDialog>('none');
  const [isBusy, setIsBusy] = useState(false);
  const run = async (action: () => Promise<void>) => {
    setIsBusy(true);
    try {
      await action();
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };
  const upIds = movedIds(policies, selected.id, -1);
  const downIds = movedIds(policies, selected.id, 1);
  const order = (ids: readonly string[]) =>
    run(async () => {
      const ordered = await callConsole('orderPolicies', { body: { ids: [...ids] } });
      replaceInFeed('policies', () => ordered);
    });
  const remove = () =>
    run(async () => {
      await callConsole('deletePolicy', { params: { id: selected.id } });
      setDialog('none');
      replaceInFeed('policies', (list) => list.filter((policy) => policy.id !== selected.id));
      notify('success', `“${selected.name}” is deleted.`);
      const next = policies.find((policy) => policy.id !== selected.id);
      if (next !== undefined) replacePath(policyPath(next.id));
    });
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
          isDisabled={upIds === null || isBusy}
          onClick={() => upIds !== null && void order(upIds)}
        />
        <ToolTipButton
          label="Move down"
          icon={<ArrowDownRegular />}
          isDisabled={downIds === null || isBusy}
          onClick={() => downIds !== null && void order(downIds)}
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
