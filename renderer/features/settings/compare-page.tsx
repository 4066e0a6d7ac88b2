import { Badge, Button, Field, makeStyles, Select, Switch, Text } from '@fluentui/react-components';
import { ArrowSwapRegular, ArrowUndoRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatExactTime, formatQuantity } from '../../components/format.ts';
import { usePath, useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { replacePath } from '../../stores/route-store.ts';
import {
  type ComparedRow,
  type ComparedSide,
  comparePolicies,
  comparisonOf,
  comparisonPath,
  type SavedPolicy,
  savedVersions,
} from './policy-comparison.ts';
import { policyPath } from './settings-paths.ts';

const useStyles = makeStyles({
  sides: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: '8px 12px' },
  policy: { width: '200px' },
  version: { width: '236px' },
  side: { display: 'flex', columnGap: '8px', margin: 0, padding: 0, border: 'none' },
  between: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 16px' },
  value: { display: 'flex', alignItems: 'center', columnGap: '6px', minWidth: 0 },
  words: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
});

/** Two policies, or one with what it was once: setting by setting. */
export function ComparePage() {
  const policies = useTopic('policies');
  if (policies === null) return <Waiting label="Waiting for the policies" />;
  return <Comparison policies={policies} />;
}

interface Side {
  readonly address: ComparedSide;
  readonly policy: Policy | undefined;
  readonly versions: readonly SavedPolicy[];
  /** What is compared; undefined while it is not known, or is not there. */
  readonly shown: Policy | SavedPolicy | undefined;
  readonly isReading: boolean;
}

function useSide(policies: readonly Policy[], address: ComparedSide): Side {
  const policy = policies.find(({ id }) => id === address.policyId);
  const answer = useAnswer('audit', { query: { subject: policy?.name ?? '' } }, { isAsked: policy !== undefined });
  const versions = useMemo(
    () => (policy === undefined || answer.data === null ? [] : savedVersions(answer.data, policy)),
    [answer.data, policy],
  );
  const isNow = address.version === null || address.version === policy?.version;
  const shown = isNow ? policy : versions.find(({ version }) => version === address.version);
  return { address, policy, versions, shown, isReading: answer.data === null && answer.problem === null };
}

function Comparison({ policies }: { policies: readonly Policy[] }) {
  const styles = useStyles();
  const sites = useTopic('sites') ?? [];
  const address = comparisonOf(usePath());
  const first = address.left ?? { policyId: policies[0]?.id ?? '', version: null };
  const other = policies.find(({ id }) => id !== first.policyId) ?? policies[0];
  const left = useSide(policies, first);
  const right = useSide(policies, address.right ?? { policyId: other?.id ?? '', version: null });
  const show = (change: Partial<typeof address>) =>
    replacePath(comparisonPath({ left: left.address, right: right.address, isAll: address.isAll, ...change }));
  const rows =
    left.shown === undefined || right.shown === undefined ? null : comparePolicies(left.shown, right.shown, sites);
  const different = rows?.filter(({ isSame }) => !isSame) ?? [];
  const columns = useMemo(() => columnsOf(titleOf(left), titleOf(right)), [left, right]);
  return (
    <Page
      title="Compare policies"
      description="Two policies, or a policy with what it was once, setting by setting."
      above={
        <Position list="Targeted Agent Settings" path={policyPath(left.policy?.id ?? '')} name="Compare policies" />
      }
      isFull
    >
      <div className={styles.sides}>
        <SideChoice label="Left" side={left} policies={policies} onChange={(changed) => show({ left: changed })} />
        <Button
          icon={<ArrowSwapRegular />}
          onClick={() => show({ left: right.address, right: left.address })}
          aria-label="Exchange left and right"
        />
        <SideChoice label="Right" side={right} policies={policies} onChange={(changed) => show({ right: changed })} />
      </div>
      {rows === null ? (
        <Missing isReading={left.isReading || right.isReading} />
      ) : (
        <>
          <div className={styles.between}>
            <Text weight="semibold" role="status">
              {different.length === 0
                ? 'Both are the same.'
                : `${formatQuantity(different.length, 'difference')} of ${rows.length}.`}
            </Text>
            <Switch
              label="Show what is the same, too"
              checked={address.isAll}
              onChange={(_event, data) => show({ isAll: data.checked })}
            />
            <GoBack sides={[left, right]} />
          </div>
          <DataTable
            label="Comparison"
            noun="row"
            columns={columns}
            rows={address.isAll ? rows : different}
            rowId={({ key }) => key}
            sortedBy={{ id: 'number' }}
            isFilling
            empty="Name, target and all settings are the same on both sides."
          />
        </>
      )}
    </Page>
  );
}

function Missing({ isReading }: { isReading: boolean }) {
  if (isReading) return <Waiting label="Reading the saved versions" />;
  return (
    <EmptyState title="One side is not there">
      The policy was deleted, or the audit trail does not hold this version of it under its present name. Choose
      another.
    </EmptyState>
  );
}

function titleOf({ policy, shown, address }: Side): string {
  const name = shown?.name ?? policy?.name ?? '';
  return address.version === null ? name : `${name}, version ${address.version}`;
}

function columnsOf(left: string, right: string): readonly TableColumn<ComparedRow>[] {
  const side = (id: 'left' | 'right', header: string): TableColumn<ComparedRow> => ({
    id,
    header,
    value: (row) => row[id],
    cell: (row) => <Value words={row[id]} isStandard={row.standard !== '' && row[id] === row.standard} />,
    width: 160,
    grow: 2,
  });
  return [
    {
      id: 'number',
      header: 'Place',
      value: (row) => row.number,
      width: 64,
      grow: 0,
      isNumeric: true,
      isHiddenAtFirst: true,
    },
    {
      id: 'label',
      header: 'Setting',
      value: (row) => row.label,
      cell: (row) => <span title={row.label}>{row.label}</span>,
      width: 240,
      grow: 4,
    },
    { id: 'tab', header: 'Tab', value: (row) => row.tab, width: 104, grow: 0 },
    { id: 'unit', header: 'Unit', value: (row) => row.unit, width: 56, grow: 0 },
    side('left', left),
    // Two columns of one name would be one to a reader of the file.
    side('right', left === right ? `${right} (right)` : right),
    { id: 'standard', header: 'Default', value: (row) => row.standard, width: 120, grow: 1 },
  ];
}

function Value({ words, isStandard }: { words: string; isStandard: boolean }) {
  const styles = useStyles();
  return (
    <span className={styles.value}>
      <span className={styles.words} title={words}>
        {words}
      </span>
      {isStandard && (
        <Badge appearance="outline" color="informative" size="small">
          default
        </Badge>
      )}
    </span>
  );
}

interface SideChoiceProps {
  readonly label: string;
  readonly side: Side;
  readonly policies: readonly Policy[];
  readonly onChange: (address: ComparedSide) => void;
}

function SideChoice({ label, side, policies, onChange }: SideChoiceProps) {
  const styles = useStyles();
  const { address, policy, versions } = side;
  return (
    <fieldset className={styles.side} aria-label={label}>
      <Field label={label} className={styles.policy}>
        <Select value={address.policyId} onChange={(_event, data) => onChange({ policyId: data.value, version: null })}>
          {policy === undefined && <option value={address.policyId}>A policy that is not there</option>}
          {policies.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Version" className={styles.version}>
        <Select
          value={String(address.version ?? '')}
          onChange={(_event, data) => onChange({ ...address, version: data.value === '' ? null : Number(data.value) })}
        >
          <option value="">{policy === undefined ? 'Now' : `Now (version ${policy.version})`}</option>
          {versions.map(({ version, updatedAtMs, updatedBy }) => (
            <option key={version} value={version}>
              {version}: {formatExactTime(updatedAtMs)}, {updatedBy}
            </option>
          ))}
        </Select>
      </Field>
    </fieldset>
  );
}

/** Where a policy is compared with what it was once: one step back to that. */
function GoBack({ sides }: { sides: readonly [Side, Side] }) {
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const mayChange = useMay('updatePolicy');
  const [a, b] = sides;
  const old = [a, b].find(({ address, shown }) => address.version !== null && shown !== undefined);
  const policy = old?.policy;
  const saved = old?.shown;
  if (!mayChange || a.policy?.id !== b.policy?.id || policy === undefined || saved === undefined) return null;
  if (saved.version === policy.version) return null;
  const goBack = async () => {
    setIsBusy(true);
    try {
      const { name, target, settings } = saved;
      const { answer, changes } = await changeConsole('updatePolicy', {
        params: { id: policy.id },
        body: { name, target, settings, version: policy.version },
      });
      replaceInFeed('policies', (list) => list.map((other) => (other.id === answer.id ? answer : other)));
      notifyChange(
        `“${answer.name}” is what it was in version ${saved.version}, as version ${answer.version}.`,
        changes,
      );
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
      setIsAsking(false);
    }
  };
  return (
    <>
      <Button icon={<ArrowUndoRegular />} onClick={() => setIsAsking(true)}>
        Go back to version {saved.version}…
      </Button>
      <ConfirmDialog
        open={isAsking}
        title={`Go back to version ${saved.version} of “${policy.name}”?`}
        confirmLabel="Go back"
        isBusy={isBusy}
        onConfirm={() => void goBack()}
        onCancel={() => setIsAsking(false)}
      >
        Name, target and all settings become what they were on {formatExactTime(saved.updatedAtMs)}.{' '}
        {formatQuantity(policy.appliesToAgents, 'agent')} with this policy hear of it at once. It is a new version, and
        can be undone.
      </ConfirmDialog>
    </>
  );
}
