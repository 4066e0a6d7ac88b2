import { Button, makeStyles, Text } from '@fluentui/react-components';
import { ArrowUndoRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { ShownAuditEntry } from '../../../shared/contracts/audit-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatExactTime } from '../../components/format.ts';
import { PlainTable } from '../../components/plain-table.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { actionWords, changedPaths, valueAt, valueWords } from './audit-words.ts';

const useStyles = makeStyles({ body: { display: 'flex', flexDirection: 'column', rowGap: '16px' } });

/** Beside the list, so that the next change is one click or Enter away. */
export function ChangePanel({ id, onClose }: { id: number; onClose: () => void }) {
  const answer = useAnswer('audit', { query: { before: String(id + 1), limit: '1' } });
  // From one change to the next the one of before stays until the next is there: nothing blinks, no question is cut off.
  const newest = answer.data?.[0];
  const entry = newest?.id === id || answer.isOfBefore ? newest : undefined;
  return (
    <SidePanel title={`Change ${id}`} onClose={onClose} footer={entry !== undefined && <RevertButton entry={entry} />}>
      <AnswerView answer={answer} label="Reading the change">
        {() =>
          entry === undefined ? <Text>The audit trail has no change of this number.</Text> : <Change entry={entry} />
        }
      </AnswerView>
    </SidePanel>
  );
}

function Change({ entry }: { entry: ShownAuditEntry }) {
  const styles = useStyles();
  const { before, after } = entry;
  const paths = changedPaths(before, after);
  return (
    <div className={styles.body}>
      <Facts
        facts={[
          ['Change', actionWords(entry.action)],
          ['Of what', entry.subject],
          ['Who', entry.who],
          ['When', formatExactTime(entry.atMs)],
          ...(entry.reverts === null ? [] : [['Takes back', `Number ${entry.reverts}`] as const]),
        ]}
      />
      {paths.length === 0 ? (
        <Text>Nothing of what is kept of it changed.</Text>
      ) : (
        <PlainTable
          label="What changed"
          isFixed
          columns={[{ header: 'Field' }, { header: 'Before' }, { header: 'After' }]}
          rows={paths.map((path) => ({
            id: path,
            cells: [
              path === '' ? 'All of it' : path,
              before === null ? 'not there' : valueWords(valueAt(before, path)),
              after === null ? 'not there' : valueWords(valueAt(after, path)),
            ],
          }))}
        />
      )}
    </div>
  );
}

function RevertButton({ entry }: { entry: ShownAuditEntry }) {
  const [isAsked, setIsAsked] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const mayRevert = useMay('revertAudit');
  if (!mayRevert) return null;
  if (!entry.canRevert) return <Text>Changes of this kind cannot be taken back.</Text>;
  const revert = async () => {
    setIsBusy(true);
    try {
      const made = await callConsole('revertAudit', { params: { id: String(entry.id) } });
      notify('success', `“${entry.subject}” is what it was before change ${entry.id}.`);
      askAgain('audit');
      navigate(`/audit/${made.id}`);
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
      setIsAsked(false);
    }
  };
  return (
    <>
      <Button icon={<ArrowUndoRegular />} onClick={() => setIsAsked(true)}>
        Take back…
      </Button>
      <ConfirmDialog
        open={isAsked}
        title={`Take change ${entry.id} back?`}
        confirmLabel="Take back"
        isBusy={isBusy}
        onConfirm={() => void revert()}
        onCancel={() => setIsAsked(false)}
      >
        “{entry.subject}” becomes what it was before “{actionWords(entry.action)}” by {entry.who}. Where it was changed
        since, nothing happens and you are told what. Taking it back is a change of its own and can be taken back, too.
      </ConfirmDialog>
    </>
  );
}
