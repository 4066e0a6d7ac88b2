import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { JoinToken } from '../../shared/contracts/console-api.ts';
import { callConsole, messageOf } from '../api/console-client.ts';
import { notify } from '../stores/notice-store.ts';
import { CopyText } from './copy-text.tsx';
import { formatExactTime } from './format.ts';

const useStyles = makeStyles({
  frame: { display: 'flex', flexDirection: 'column', alignItems: 'center', rowGap: '8px', maxWidth: '100%' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** The one line that makes a computer an agent of this server, with a join token made for it. */
export function JoinCommand() {
  const styles = useStyles();
  const [joinToken, setJoinToken] = useState<JoinToken | null>(null);
  const make = async () => {
    try {
      setJoinToken(await callConsole('joinToken', {}));
    } catch (error) {
      notify('error', messageOf(error));
    }
  };
  if (joinToken === null) {
    return (
      <Button appearance="primary" onClick={() => void make()}>
        Make a join command
      </Button>
    );
  }
  const command = `npx fanout agent --server ${joinToken.serverUrl} --join-token ${joinToken.joinToken}`;
  return (
    <div className={styles.frame}>
      <CopyText text={command} noun="command" />
      {joinToken.expiresAtMs !== null && (
        <Text size={200} className={styles.quiet}>
          Valid until {formatExactTime(joinToken.expiresAtMs)}.
        </Text>
      )}
    </div>
  );
}
