import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { JoinToken } from '../../shared/contracts/console-api.ts';
import { callConsole, messageOf } from '../api/console-client.ts';
import { notify } from '../stores/notice-store.ts';
import { formatExactTime } from './format.ts';

const useStyles = makeStyles({
  frame: { display: 'flex', flexDirection: 'column', alignItems: 'center', rowGap: '8px', maxWidth: '100%' },
  command: {
    display: 'block',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    textAlign: 'left',
    overflowWrap: 'anywhere',
  },
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
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      notify('success', 'The command is copied.');
    } catch {
      notify('info', 'This browser does not let the console copy. Select the command and copy it.');
    }
  };
  return (
    <div className={styles.frame}>
      <code className={styles.command}>{command}</code>
      <Button icon={<CopyRegular />} onClick={() => void copy()}>
        Copy
      </Button>
      {joinToken.expiresAtMs !== null && (
        <Text size={200} className={styles.quiet}>
          Valid until {formatExactTime(joinToken.expiresAtMs)}.
        </Text>
      )}
    </div>
  );
}
