import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { FocusReturn } from './focus-return.tsx';

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly title: string;
  /** Names what happens, e.g. "Delete policy". */
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  /** The answer that is offered first: cancel where confirming loses something by a careless Enter. */
  readonly preferred?: 'confirm' | 'cancel';
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const isCancelPreferred = props.preferred === 'cancel';
  const confirm = (
    <Button
      key="confirm"
      appearance={isCancelPreferred ? 'secondary' : 'primary'}
      disabled={props.isBusy === true}
      onClick={props.onConfirm}
    >
      {props.confirmLabel}
    </Button>
  );
  const cancel = (
    <Button key="cancel" appearance={isCancelPreferred ? 'primary' : 'secondary'} onClick={props.onCancel}>
      {props.cancelLabel ?? 'Cancel'}
    </Button>
  );
  return (
    <Dialog open={props.open} modalType="alert" onOpenChange={(_event, data) => data.open || props.onCancel()}>
      <DialogSurface>
        <FocusReturn />
        <DialogBody>
          <DialogTitle>{props.title}</DialogTitle>
          <DialogContent>{props.children}</DialogContent>
          <DialogActions>{isCancelPreferred ? [cancel, confirm] : [confirm, cancel]}</DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
