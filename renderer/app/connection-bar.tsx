import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { feed } from '../services.ts';
import { feedStore } from '../stores/feed-store.ts';

/** A server that is back within this time was not worth a word. */
const calmMs = 800;

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    alignItems: 'center',
    columnGap: '12px',
    padding: '4px 16px',
    backgroundColor: tokens.colorStatusWarningBackground1,
    color: tokens.colorStatusWarningForeground3,
    borderBottom: `1px solid ${tokens.colorStatusWarningBorder1}`,
  },
});

export function ConnectionBar() {
  const styles = useStyles();
  const isRetrying = useStore(feedStore, (state) => state.connection === 'retrying');
  const hasBeenLive = useStore(feedStore, (state) => state.hasBeenLive);
  const isShown = useStaysTrue(isRetrying, calmMs);
  return (
    <div role="status">
      {isShown && (
        <div className={styles.bar}>
          <Spinner size="extra-tiny" />
          <Text size={200}>
            {hasBeenLive
              ? 'Connection lost – retrying. What you see is from before.'
              : 'The Notification Server’s feed does not answer – retrying.'}
          </Text>
          <Button size="small" appearance="transparent" onClick={() => feed.retryNow()}>
            Retry now
          </Button>
        </div>
      )}
    </div>
  );
}

function useStaysTrue(value: boolean, forMs: number): boolean {
  const [hasStayed, setHasStayed] = useState(false);
  useEffect(() => {
    if (!value) return setHasStayed(false);
    const timer = setTimeout(() => setHasStayed(true), forMs);
    return () => clearTimeout(timer);
  }, [value, forMs]);
  return value && hasStayed;
}
