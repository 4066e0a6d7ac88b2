import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useRef, useState } from 'react';
import { ConsoleRequestError } from '../../../shared/contracts/console-request.ts';
import type { PolicyFile, PolicyImport } from '../../../shared/contracts/policy-file.ts';
import { policyFileSchema } from '../../../shared/contracts/policy-file.ts';
import { callConsole, changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatQuantity } from '../../components/format.ts';

const useStyles = makeStyles({
  file: { display: 'flex', alignItems: 'center', columnGap: '12px', minHeight: '32px' },
  input: { display: 'none' },
  list: { margin: 0, paddingLeft: '20px', maxHeight: '240px', overflowY: 'auto' },
  problem: { color: tokens.colorStatusDangerForeground1 },
});

type Looked =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] }
  | { readonly kind: 'ready'; readonly file: PolicyFile; readonly would: PolicyImport };

/** The file is looked at before anything changes: what would become of each policy, or everything that is wrong with it. */
async function lookAt(chosen: File): Promise<Looked> {
  try {
    const parsed = policyFileSchema.safeParse(JSON.parse(await chosen.text()));
    if (!parsed.success) {
      return {
        kind: 'wrong',
        problems: parsed.error.issues.slice(0, 20).map(({ path, message }) => wordsOf(path, message)),
      };
    }
    const would = await callConsole('importPolicies', { body: { file: parsed.data, dryRun: true } });
    return { kind: 'ready', file: parsed.data, would };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'wrong', problems: ['This is no file of exported policies.'] };
    const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
    const problems = fields.map(({ path, message }) => wordsOf([path], message));
    return { kind: 'wrong', problems: problems.length === 0 ? [messageOf(error)] : problems };
  }
}

function wordsOf(path: readonly PropertyKey[], message: string): string {
  return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
}

export function ImportPoliciesDialog({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState<string | null>(null);
  const [looked, setLooked] = useState<Looked>({ kind: 'nothing' });
  const choose = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setName(chosen.name);
    setLooked({ kind: 'nothing' });
    setLooked(await lookAt(chosen));
  };
  const submit = async () => {
    if (looked.kind !== 'ready') return;
    const { answer, changes } = await changeConsole('importPolicies', { body: { file: looked.file, dryRun: false } });
    const { created, updated } = answer;
    notifyChange(`${formatQuantity(created.length, 'policy', 'policies')} added, ${updated.length} changed.`, changes);
  };
  return (
    <FormDialog
      title="Import policies"
      submitLabel="Import policies"
      typed={name}
      onCheck={() => looked.kind === 'ready'}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>
        A file of exported policies, of this server or another one. Policies of the same names are replaced, the others
        added; all of them or none.
      </Text>
      <div className={styles.file}>
        <Button onClick={() => input.current?.click()}>Choose a file</Button>
        <Text>{name ?? 'None chosen'}</Text>
        <input
          ref={input}
          type="file"
          accept=".json,application/json"
          className={styles.input}
          aria-label="File of policies"
          onChange={(event) => void choose(event.target.files?.[0])}
        />
      </div>
      {looked.kind === 'wrong' && (
        <ul className={styles.list} aria-label="What is wrong">
          {looked.problems.map((problem) => (
            <li key={problem} className={styles.problem}>
              {problem}
            </li>
          ))}
        </ul>
      )}
      {looked.kind === 'ready' && <Would would={looked.would} />}
    </FormDialog>
  );
}

function Would({ would: { created, updated, unchanged } }: { would: PolicyImport }) {
  const styles = useStyles();
  return (
    <ul className={styles.list} aria-label="What will happen">
      {created.map((name) => (
        <li key={name}>“{name}” is added.</li>
      ))}
      {updated.map(({ name, changed }) => (
        <li key={name}>
          “{name}” changes: {changed.join(', ')}.
        </li>
      ))}
      {unchanged.length > 0 && (
        <li>{formatQuantity(unchanged.length, 'policy', 'policies')} as in the file already.</li>
      )}
    </ul>
  );
}
