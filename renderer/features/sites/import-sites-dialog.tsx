import {
  Button,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useRef, useState } from 'react';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import { type SiteImportAnswer, siteColumns } from '../../../shared/contracts/sites-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatCount } from '../../components/format.ts';
import { problemOf } from '../../components/target-editor.tsx';

const useStyles = makeStyles({
  line: { display: 'flex', alignItems: 'center', columnGap: '12px' },
  hidden: { display: 'none' },
  text: { '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, height: '180px' } },
  hint: { color: tokens.colorNeutralForeground2 },
  list: { margin: '8px 0 0', paddingLeft: '20px', maxHeight: '180px', overflowY: 'auto' },
});

/** What the server said of exactly this table. */
type Checked =
  | { readonly kind: 'plan'; readonly csv: string; readonly plan: SiteImportAnswer }
  | { readonly kind: 'problems'; readonly csv: string; readonly problems: readonly string[] };

/** A table is tried first: nothing is imported before it was shown what that would change. */
export function ImportSitesDialog({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [csv, setCsv] = useState('');
  const [checked, setChecked] = useState<Checked | null>(null);
  const [isChecking, setIsChecking] = useState(false);
  const [hint, setHint] = useState<string | null>(null);
  const current = checked?.csv === csv ? checked : null;
  const plan = current?.kind === 'plan' ? current.plan : null;
  const changes = plan === null ? 0 : plan.created.length + plan.updated.length;

  const check = async (table: string) => {
    setHint(null);
    if (table.trim() === '') return setHint('Choose a file, or paste a table.');
    setIsChecking(true);
    try {
      const answer = await callConsole('importSites', { body: { csv: table, dryRun: true } });
      setChecked({ kind: 'plan', csv: table, plan: answer });
    } catch (error) {
      setChecked({ kind: 'problems', csv: table, problems: problemsOf(error) });
    } finally {
      setIsChecking(false);
    }
  };
  const takeFile = async (file: File | undefined) => {
    if (file === undefined) return;
    const table = await file.text();
    setCsv(table);
    await check(table);
  };
  const submit = async () => {
    const { answer, changes } = await changeConsole('importSites', { body: { csv } });
    const { created, updated } = answer;
    askAgain('unassignedSubnets', 'packageServers');
    notifyChange(
      `${formatCount(created.length)} sites were added and ${formatCount(updated.length)} changed.`,
      changes,
    );
  };
  return (
    <FormDialog
      title="Import sites"
      submitLabel="Import"
      isWide
      typed={csv}
      onCheck={() => {
        if (plan === null) setHint('Check the table first: it then says here what would change.');
        else if (changes === 0) setHint('There is nothing to import: every site is as the table says.');
        return plan !== null && changes > 0;
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size={200} className={styles.hint}>
        The first line names the columns: {siteColumns.join(', ')}. Only name is needed. Sites are known by their names;
        those that the table does not name stay.
      </Text>
      <div className={styles.line}>
        <Button onClick={() => input.current?.click()}>Choose a file</Button>
        <Text className={styles.hint}>or paste the table below</Text>
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          className={styles.hidden}
          aria-label="Table of sites"
          onChange={(event) => void takeFile(event.target.files?.[0])}
        />
      </div>
      <Field label="Table" {...problemOf(hint)}>
        <Textarea
          className={styles.text}
          value={csv}
          placeholder={'name,parent,subnets\nBranch North,Europe,10.1.2.0/24 10.1.3.0/24'}
          onChange={(_event, { value }) => setCsv(value)}
        />
      </Field>
      <div className={styles.line}>
        <Button disabled={isChecking} onClick={() => void check(csv)}>
          Check the table
        </Button>
        <Text className={styles.hint}>Changes nothing.</Text>
      </div>
      <div role="status">
        {plan !== null && <Plan plan={plan} />}
        {current?.kind === 'problems' && (
          <>
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody>The table cannot be imported as it is. Nothing was changed.</MessageBarBody>
            </MessageBar>
            <ul className={styles.list} aria-label="Problems of the table">
              {current.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    </FormDialog>
  );
}

function Plan({ plan }: { plan: SiteImportAnswer }) {
  const styles = useStyles();
  const lines = [
    ...plan.created.map((name) => `${name}: would be added`),
    ...plan.updated.map((name) => `${name}: would be changed`),
  ];
  return (
    <>
      <Text weight="semibold">
        {formatCount(plan.created.length)} would be added, {formatCount(plan.updated.length)} changed,{' '}
        {formatCount(plan.unchanged.length)} stay as they are.
      </Text>
      <ul className={styles.list} aria-label="What would change">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}

/** With line and column, where the server named them. */
function problemsOf(error: unknown): readonly string[] {
  const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
  return fields.length === 0 ? [messageOf(error)] : [...new Set(fields.map(({ message }) => message))];
}
