import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Portal,
  tokens,
} from '@fluentui/react-components';
import { ArrowUndoRegular, DismissRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { undoChanges } from '../api/undo.ts';
import { useMay } from '../components/use-answer.ts';
import { dismissNotice, type Notice, noticeStore } from '../stores/notice-store.ts';

/** Good news goes by itself; a problem stays until it was read. */
const shownMs = 6000;
/** Long enough to think again, and to get there by keyboard. */
const shownWithUndoMs = 15_000;

const useStyles = makeStyles({
  stack: {
    position: 'fixed',
    // In the middle of the header, where nothing else is: everywhere else it would cover what somebody wants to press.
    top: '6px',
    left: '50%',
    transform: 'translateX(-50%)',
    width: 'min(640px, max(320px, calc(100vw - 520px)))',
    display: 'flex',
    flexDirection: 'column',
    rowGap: '8px',
    zIndex: 1_000_001,
  },
  notice: { boxShadow: tokens.shadow16 },
});

export function Notices() {
  const styles = useStyles();
  const notices = useStore(noticeStore, (state) => state.notices);
  return (
    <Portal>
      <div className={styles.stack} role="log" aria-label="Notices">
        {notices.map((notice) => (
          <NoticeBar key={notice.id} notice={notice} />
        ))}
      </div>
    </Portal>
  );
}

function NoticeBar({ notice }: { notice: Notice }) {
  const styles = useStyles();
  // Nobody has to hurry who is reading it or on the way to its button.
  const [isHeld, setIsHeld] = useState(false);
  const [isUndoing, setIsUndoing] = useState(false);
  const mayUndo = useMay('revertAudit') && notice.undo.length > 0;
  useEffect(() => {
    if (notice.intent === 'error' || isHeld || isUndoing) return;
    const timer = setTimeout(() => dismissNotice(notice.id), mayUndo ? shownWithUndoMs : shownMs);
    return () => clearTimeout(timer);
  }, [notice, isHeld, isUndoing, mayUndo]);
  const undo = async () => {
    setIsUndoing(true);
    await undoChanges(notice.undo);
    dismissNotice(notice.id);
  };
  return (
    <MessageBar
      intent={notice.intent}
      // One line where it fits: the height of the header.
      layout="auto"
      className={styles.notice}
      onMouseEnter={() => setIsHeld(true)}
      onMouseLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <MessageBarBody>{notice.text}</MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button
            appearance="transparent"
            icon={<DismissRegular />}
            aria-label="Dismiss"
            onClick={() => dismissNotice(notice.id)}
          />
        }
      >
        {mayUndo && (
          <Button size="small" icon={<ArrowUndoRegular />} disabled={isUndoing} onClick={() => void undo()}>
            Undo
          </Button>
        )}
      </MessageBarActions>
    </MessageBar>
  );
}
