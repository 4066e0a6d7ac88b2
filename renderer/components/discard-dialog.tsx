import { useState } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { usePath } from './hooks.ts';
import { useLeaveGuard } from './leave-guard.ts';

/** Whether something was typed into a dialog; while it was, another page is not opened without asking either. */
export function useTyped(typed: unknown, isSending = false) {
  const now = JSON.stringify(typed);
  const [first] = useState(now);
  const [isAsking, setIsAsking] = useState(false);
  const isDirty = now !== first;
  const path = usePath();
  // What was sent is kept: the page that shows it may open.
  useLeaveGuard(isDirty && !isSending, path);
  return { isDirty, isAsking, setIsAsking };
}

/** Escape and a click beside a dialog are made by accident easily. */
export function DiscardDialog(props: { isAsking: boolean; onStay: () => void; onDiscard: () => void }) {
  return (
    <ConfirmDialog
      open={props.isAsking}
      title="Close without saving?"
      confirmLabel="Discard what I entered"
      cancelLabel="Go on editing"
      preferred="cancel"
      onConfirm={props.onDiscard}
      onCancel={props.onStay}
    >
      What you entered here has not been saved. If you close the dialog now, it is lost.
    </ConfirmDialog>
  );
}
