import { useStore } from 'zustand';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { leaveAnyway, routeStore, stay } from '../stores/route-store.ts';

/** Asks before unsaved changes are lost by going to another page. */
export function LeaveDialog() {
  const isAsking = useStore(routeStore, (state) => state.heldPath !== null);
  return (
    <ConfirmDialog
      open={isAsking}
      title="Leave without saving?"
      confirmLabel="Discard changes"
      cancelLabel="Stay"
      preferred="cancel"
      onConfirm={leaveAnyway}
      onCancel={stay}
    >
      Your changes have not been saved. If you leave now, they are lost.
    </ConfirmDialog>
  );
}
