import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Portal,
  tokens,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { dismissNotice, type Notice, noticeStore } from '../stores/notice-store.ts';

/** Good news goes by itself; a problem stays until it was read. */
const shownMs = 6000;

const useStyles = makeStyles({
  stack: {
    position: 'fixed',
    // Below the header, between title and actions: the bottom belongs to the editor's own buttons.
    top: '56px',
    left: '50%',
    transform: 'translateX(-50%)',
    width: 'min(440px, calc(100vw - 32px))',
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
  useEffect(() => {
    if (notice.intent === 'error') return;
    const timer = setTimeout(() => dismissNotice(notice.id), shownMs);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <MessageBar intent={notice.intent} layout="multiline" className={styles.notice}>
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
      />
    </MessageBar>
  );
}
