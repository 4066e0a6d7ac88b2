import { Button, Field, Label, makeStyles, Select, Tooltip, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular } from '@fluentui/react-icons';
import { useId } from 'react';
import type { Target, TargetFilter } from '../../shared/contracts/targets.ts';
import { maximumTargetRows, targetOperations } from '../../shared/contracts/targets.ts';
import { useTopic } from './hooks.ts';
import { FilterFields } from './target-filters.tsx';
import { TargetPreview } from './target-preview.tsx';
import {
  emptyFilter,
  filterKinds,
  filterWords,
  operationLabels,
  rowsOf,
  type TargetRow,
  targetOf,
  targetProblems,
} from './target-rows.ts';

const useStyles = makeStyles({
  editor: {
    margin: 0,
    padding: 0,
    border: 'none',
    minWidth: 0,
    display: 'flex',
    flexDirection: 'column',
    rowGap: '8px',
  },
  row: {
    margin: 0,
    padding: '0 0 0 12px',
    border: 'none',
    borderLeft: `2px solid ${tokens.colorNeutralStroke2}`,
    minWidth: 0,
    display: 'flex',
    flexDirection: 'column',
    rowGap: '4px',
  },
  head: { display: 'flex', alignItems: 'center', columnGap: '8px' },
  operation: { width: '232px' },
  kind: { width: '168px' },
  space: { flexGrow: 1 },
  add: { alignSelf: 'flex-start' },
});

/** The properties of a Fluent `Field` that show a problem, or none. */
export function problemOf(problem: string | null | undefined) {
  return problem === null || problem === undefined || problem === ''
    ? {}
    : { validationMessage: problem, validationState: 'error' as const };
}

export function linesOf(text: string): string[] {
  return text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function isTargetComplete(target: Target): boolean {
  return targetProblems(target).size === 0;
}

interface TargetEditorProps {
  readonly label: string;
  readonly value: Target;
  readonly onChange: (target: Target) => void;
  /** Whether the person has had a chance to fill it in: what is wrong is said then. */
  readonly isChecked: boolean;
  /** The policy that would have the target; null = a new one, missing = it is for something else. */
  readonly policyId?: string | null;
}

/** Rows from the top, each with a filter: who is added, kept or taken away, and whom that means now. */
export function TargetEditor({ label, value, onChange, isChecked, policyId }: TargetEditorProps) {
  const styles = useStyles();
  const id = useId();
  const rows = rowsOf(value);
  const problems = targetProblems(value);
  const replace = (index: number, row: TargetRow) => onChange(targetOf(rows.with(index, row)));
  return (
    <fieldset className={styles.editor} aria-labelledby={id}>
      <Label id={id}>{label}</Label>
      {rows.map((row, index) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; its fields hold no state of their own.
          key={index}
          row={row}
          number={index + 1}
          isAlone={rows.length === 1}
          problem={isChecked ? (problems.get(index) ?? null) : null}
          onChange={(changed) => replace(index, changed)}
          onRemove={() => onChange(targetOf(rows.toSpliced(index, 1)))}
        />
      ))}
      {rows.length < maximumTargetRows && (
        <Button
          size="small"
          appearance="subtle"
          className={styles.add}
          icon={<AddRegular />}
          onClick={() => onChange(targetOf([...rows, { operation: 'union', filter: emptyFilter('sites') }]))}
        >
          Add a row
        </Button>
      )}
      {problems.size === 0 && <TargetPreview target={value} policyId={policyId} />}
    </fieldset>
  );
}

interface RowProps {
  readonly row: TargetRow;
  readonly number: number;
  readonly isAlone: boolean;
  readonly problem: string | null;
  readonly onChange: (row: TargetRow) => void;
  readonly onRemove: () => void;
}

function Row({ row, number, isAlone, problem, onChange, onRemove }: RowProps) {
  const styles = useStyles();
  const agents = useTopic('agents');
  const sites = useTopic('sites');
  const changeFilter = (filter: TargetFilter) => onChange({ ...row, filter });
  return (
    <fieldset className={styles.row} aria-label={`Row ${number}`}>
      <div className={styles.head}>
        {number > 1 && (
          <Select
            aria-label={`How row ${number} counts`}
            className={styles.operation}
            value={row.operation}
            onChange={(_event, data) => {
              const operation = targetOperations.find((candidate) => candidate === data.value);
              if (operation !== undefined) onChange({ ...row, operation });
            }}
          >
            {targetOperations.map((operation) => (
              <option key={operation} value={operation}>
                {operationLabels[operation]}
              </option>
            ))}
          </Select>
        )}
        <Field {...(row.filter.kind === 'all' ? problemOf(problem) : {})}>
          <Select
            aria-label={`What row ${number} asks for`}
            className={styles.kind}
            value={row.filter.kind}
            onChange={(_event, data) => {
              const kind = filterKinds.find((candidate) => candidate === data.value);
              if (kind !== undefined) changeFilter(emptyFilter(kind));
            }}
          >
            {filterKinds.map((kind) => (
              <option key={kind} value={kind}>
                {filterWords[kind]}
              </option>
            ))}
          </Select>
        </Field>
        <span className={styles.space} />
        {!isAlone && (
          <Tooltip content={`Remove row ${number}`} relationship="label">
            <Button appearance="subtle" icon={<DeleteRegular />} onClick={onRemove} />
          </Tooltip>
        )}
      </div>
      <FilterFields filter={row.filter} onChange={changeFilter} agents={agents} sites={sites} problem={problem} />
    </fieldset>
  );
}
