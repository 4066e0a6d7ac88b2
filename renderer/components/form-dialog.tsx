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
} from '@fluentui/react-components';
import { type FormEvent, type ReactNode, useState } from 'react';
import { messageOf } from '../api/console-client.ts';
import { DiscardDialog, useTyped } from './discard-dialog.tsx';
import { FocusReturn } from './focus-return.tsx';

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
  wide: { maxWidth: 'min(880px, calc(100vw - 48px))' },
});

interface FormDialogProps {
  readonly title: ReactNode;
  /** Names what happens: "Add policy". */
  readonly submitLabel: string;
  readonly isWide?: boolean;
  /** What the person fills in, as values: where it is another than at first, closing without a button asks. Null: nothing. */
  readonly typed: unknown;
  /** Further buttons before the one that sends: "Back". */
  readonly actions?: ReactNode;
  /** False where a field is wrong: nothing is sent. */
  readonly onCheck: () => boolean;
  /** Rejects with a sentence for people, which is shown above the fields; the dialog closes where it resolves. */
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form in a dialog: nothing that was typed is lost by a refusal. */
export function FormDialog(props: FormDialogProps) {
  const styles = useStyles();
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { isDirty, isAsking, setIsAsking } = useTyped(props.typed, isBusy);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) setRefusal(null);
    if (isBusy || !props.onCheck()) return;
    setIsBusy(true);
    try {
      await props.onSubmit();
      props.onClose();
    } catch (error) {
      setRefusal(messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(_event, data) => {
        if (data.open) return;
        if (isDirty) setIsAsking(true);
        else props.onClose();
      }}
    >
      <DialogSurface {...(props.isWide === true ? { className: styles.wide } : {})}>
        <FocusReturn />
        <form onSubmit={(event) => void submit(event)} noValidate>
          <DialogBody>
            <DialogTitle>{props.title}</DialogTitle>
            <DialogContent className={styles.fields}>
              {refusal !== null && (
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>{refusal}</MessageBarBody>
                </MessageBar>
              )}
              {props.children}
            </DialogContent>
            <DialogActions>
              {props.actions}
              <Button type="submit" appearance="primary" disabled={isBusy}>
                {props.submitLabel}
              </Button>
              <Button onClick={props.onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
        <DiscardDialog isAsking={isAsking} onStay={() => setIsAsking(false)} onDiscard={props.onClose} />
      </DialogSurface>
    </Dialog>
  );
}
