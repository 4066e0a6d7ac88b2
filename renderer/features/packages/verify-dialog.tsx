import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Spinner,
  Text,
} from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { CopyHolder, CopyVerification } from '../../../shared/contracts/copy-verification.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { FocusReturn } from '../../components/focus-return.tsx';
import { PlainTable } from '../../components/plain-table.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { differenceRows, verificationWords } from './verification-words.ts';

const lookEveryMs = 1000;

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
  list: { maxHeight: '240px', overflowY: 'auto' },
});

interface VerifyDialogProps {
  readonly entry: PackageSummary;
  readonly from: CopyHolder;
  readonly name: string;
  readonly onClose: () => void;
}

/** Has a copy read again from its disk and compared with the signed snapshot, and says what came of it. */
export function VerifyDialog({ entry, from, name, onClose }: VerifyDialogProps) {
  const styles = useStyles();
  const [started, setStarted] = useState<CopyVerification | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { guid, version } = entry;
  useEffect(() => {
    callConsole('verifyCopy', { params: { guid, version }, body: { from } }).then(setStarted, (error: unknown) =>
      setRefusal(messageOf(error)),
    );
  }, [guid, version, from]);
  const answer = useAnswer(
    'copyVerification',
    { params: { id: started?.id ?? '' } },
    { isAsked: started?.state === 'running', everyMs: lookEveryMs },
  );
  const shown = answer.data ?? started;
  const problem = refusal ?? answer.problem;
  const differences = shown === null ? [] : differenceRows(shown);
  return (
    <Dialog open onOpenChange={(_event, data) => data.open || onClose()}>
      <DialogSurface>
        <FocusReturn />
        <DialogBody>
          <DialogTitle>
            The copy of “{entry.name}” {version} on {name}
          </DialogTitle>
          <DialogContent className={styles.content}>
            <Text>Every block is read again from the disk and compared with the signed snapshot.</Text>
            {problem === null && (shown === null || shown.state === 'running') && (
              <Spinner label="Reading it; you can close this, it goes on." labelPosition="after" size="small" />
            )}
            {problem !== null && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{problem}</MessageBarBody>
              </MessageBar>
            )}
            {shown !== null && shown.state !== 'running' && (
              <MessageBar intent={shown.isIntact === true ? 'success' : 'error'} layout="multiline">
                <MessageBarBody>{verificationWords(shown)}</MessageBarBody>
              </MessageBar>
            )}
            {differences.length > 0 && (
              <div className={styles.list}>
                <PlainTable
                  label="Blocks that differ"
                  columns={[{ header: 'Block', isNumeric: true }, { header: 'Files' }, { header: 'Found' }]}
                  rows={differences}
                />
              </div>
            )}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
