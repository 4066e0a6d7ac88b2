import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import { Facts } from '../../components/facts.tsx';
import { formatCount, formatExactTime } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { StateMark } from '../../components/state-mark.tsx';
import { BytesBySource } from './bytes-by-source.tsx';

const useStyles = makeStyles({ quiet: { color: tokens.colorNeutralForeground2 } });

/** What the server keeps of an agent that cannot be asked. */
export function StoredDetail({ detail }: { detail: AgentDetail }) {
  const styles = useStyles();
  return (
    <>
      <Section title="Computer">
        <Facts
          facts={[
            ['Platform', detail.platform],
            ['CPU cores', detail.cpuCores === null ? '–' : formatCount(detail.cpuCores)],
            ['Enrolled', formatExactTime(detail.enrolledAtMs)],
            ['Agent id', detail.agentId],
            ...detail.interfaces.map((adapter): [string, string] => [
              `Adapter ${adapter.name}`,
              `${adapter.address}, port ${adapter.port}, subnet ${adapter.subnet}`,
            ]),
          ]}
        />
      </Section>
      {detail.packages.length === 0 && (
        <Section title="Packages">
          <Text className={styles.quiet}>No package has been delivered to this agent.</Text>
        </Section>
      )}
      {detail.packages.map((entry) => (
        <Section key={entry.key} title={`${entry.name} ${entry.version}`} actions={<StateMark state={entry.state} />}>
          <Text>
            {formatCount(entry.blocks)} of {formatCount(entry.blockCount)} blocks verified
            {entry.detail !== '' && ` · ${entry.detail}`}
          </Text>
          <BytesBySource portions={entry.bytesBySource} />
        </Section>
      ))}
    </>
  );
}
