import { Checkbox, Link, makeStyles, mergeClasses, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { BeakerRegular, PlugDisconnectedRegular, StopRegular } from '@fluentui/react-icons';
import type { AgentSummary, PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { formatBytes, formatCount, formatQuantity, formatRate, formatShare } from '../../components/format.ts';
import { Mark } from '../../components/state-mark.tsx';
import { stateWords } from '../../components/words.ts';
import type { Rates } from './agent-rates.ts';
import { fleetStateTones, fleetStateWords, troubleWords } from './fleet-words.ts';

const useStyles = makeStyles({
  tile: {
    minWidth: 0,
    boxSizing: 'border-box',
    display: 'flex',
    flexDirection: 'column',
    rowGap: '3px',
    padding: '6px 10px 10px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    fontSize: tokens.fontSizeBase200,
    lineHeight: '18px',
    fontVariantNumeric: 'tabular-nums',
  },
  chosen: { outline: `2px solid ${tokens.colorBrandStroke1}`, outlineOffset: '-1px' },
  top: { display: 'flex', alignItems: 'center', columnGap: '4px', minHeight: '32px' },
  box: { marginLeft: '-8px', '& .fui-Checkbox__indicator': { margin: '6px' } },
  name: {
    flexGrow: 1,
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  line: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  quiet: { color: tokens.colorNeutralForeground2 },
  troubles: { listStyle: 'none', margin: '2px 0 0', padding: 0, display: 'flex', flexWrap: 'wrap', gap: '4px' },
  trouble: {
    display: 'inline-flex',
    alignItems: 'center',
    columnGap: '4px',
    padding: '0 6px',
    borderRadius: tokens.borderRadiusMedium,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  detail: { margin: '2px 0 0', overflowWrap: 'anywhere' },
});

interface AgentTileProps {
  readonly agent: FleetAgentStatus;
  /** What the server knows of it; null before it has enrolled. */
  readonly summary: AgentSummary | null;
  readonly rates: Rates | undefined;
  readonly packages: readonly PackageSummary[];
  readonly isChosen: boolean;
  /** Missing where nothing can be done to it. */
  readonly onChoose?: (isChosen: boolean) => void;
}

/** One embedded agent: who and where it is, how it is, and what it does with packages now. */
export function AgentTile({ agent, summary, rates, packages, isChosen, onChoose }: AgentTileProps) {
  const styles = useStyles();
  const troubles = troubleWords(agent);
  return (
    <li className={mergeClasses(styles.tile, isChosen && styles.chosen)} aria-label={agent.name}>
      <div className={styles.top}>
        {onChoose !== undefined && (
          <Checkbox
            className={styles.box}
            aria-label={`Choose ${agent.name}`}
            checked={isChosen}
            onChange={(_event, data) => onChoose(data.checked === true)}
          />
        )}
        <span className={styles.name}>
          {agent.agentId === null ? agent.name : <Link href={`#/agents/${agent.agentId}`}>{agent.name}</Link>}
        </span>
        <Mark
          tone={fleetStateTones[agent.state]}
          {...(agent.state === 'stopped' ? { icon: <StopRegular aria-hidden /> } : {})}
        >
          {fleetStateWords[agent.state]}
        </Mark>
      </div>
      <span className={mergeClasses(styles.line, styles.quiet)}>
        {agent.address}:{agent.port}
        {summary !== null && !summary.online && ' · not online at the server'}
      </span>
      <Work summary={summary} packages={packages} />
      <span className={styles.line}>
        {rates === undefined
          ? `${formatBytes(summary?.directBytes ?? 0)} direct · ${formatBytes(summary?.peerBytes ?? 0)} peers`
          : `${formatRate(rates.directBytesPerSecond)} direct · ${formatRate(rates.peerBytesPerSecond)} peers`}
      </span>
      {troubles.length > 0 && (
        <ul className={styles.troubles} aria-label={`What is done to ${agent.name}`}>
          {troubles.map((words) => (
            <li key={words} className={styles.trouble}>
              {words === 'Unplugged' ? <PlugDisconnectedRegular aria-hidden /> : <BeakerRegular aria-hidden />}
              {words}
            </li>
          ))}
        </ul>
      )}
      {agent.detail !== '' && (
        <Text size={200} className={mergeClasses(styles.detail, styles.quiet)}>
          {agent.detail}
        </Text>
      )}
    </li>
  );
}

/** Always two lines high, so that nothing jumps when a download begins or ends. */
function Work({ summary, packages }: { summary: AgentSummary | null; packages: readonly PackageSummary[] }) {
  const styles = useStyles();
  const downloading = summary?.downloading ?? null;
  if (downloading === null) {
    const done =
      summary === null ? 0 : summary.packagesAssigned === 0 ? 0 : summary.packagesReady / summary.packagesAssigned;
    return (
      <>
        <span className={styles.line}>{restWords(summary)}</span>
        <ProgressBar value={done} aria-hidden />
      </>
    );
  }
  const { key, blocks, blockCount } = downloading;
  const entry = packages.find((candidate) => candidate.key === key);
  const name = entry === undefined ? 'a package' : `${entry.name} ${entry.version}`;
  const share = formatShare(blocks, blockCount);
  return (
    <>
      <span className={styles.line} title={`${formatCount(blocks)} of ${formatCount(blockCount)} blocks of ${name}`}>
        {share} of {name}
      </span>
      <ProgressBar value={blockCount === 0 ? 0 : blocks / blockCount} aria-label={`${name}: ${share}`} />
    </>
  );
}

function restWords(summary: AgentSummary | null): string {
  if (summary === null) return 'Has not enrolled yet';
  const { activity, packagesReady, packagesAssigned } = summary;
  if (packagesAssigned === 0) return 'No package is meant for it';
  const ready = `${packagesReady} of ${formatQuantity(packagesAssigned, 'package')} ready`;
  return activity === null || activity === 'ready' ? ready : `${stateWords[activity]} · ${ready}`;
}
