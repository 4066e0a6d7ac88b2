import { MessageBar, MessageBarBody, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { askAgain } from '../../api/answers.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { manifestLines, manifestSum } from './manifest-words.ts';

const refreshMs = 2000;

const useStyles = makeStyles({
  list: { margin: 0, paddingLeft: '20px', maxHeight: '200px', overflowY: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** How far the last manifest of the channel is; nothing where there was none. */
export function LastManifest({ channel }: { channel: Channel }) {
  const styles = useStyles();
  // What is over, or never was, stays so until somebody imports again.
  const [isWatched, setIsWatched] = useState(false);
  const call = { params: { id: channel.id } };
  const { data } = useAnswer('channelManifest', call, isWatched ? { everyMs: refreshMs } : {});
  const state = data?.state;
  // The channel has changed in the moment in which the import is over.
  useEffect(() => {
    setIsWatched(state === 'importing');
    if (state !== undefined && state !== 'importing') askAgain('channels', 'channelCopies', 'channelReplication');
  }, [state]);
  if (data === null) return null;
  return (
    <Section title="Last manifest">
      <Text className={styles.quiet}>
        <RelativeTime atMs={data.atMs} /> · {manifestSum(data)}
      </Text>
      {data.state === 'importing' && (
        <Spinner size="tiny" label="Its sources become packages" labelPosition="after" style={{ alignSelf: 'start' }} />
      )}
      {data.state === 'failed' && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>The channel is as it was before: {data.message}</MessageBarBody>
        </MessageBar>
      )}
      {data.state !== 'failed' && (
        <ul className={styles.list} aria-label="Last manifest">
          {manifestLines(data).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}
