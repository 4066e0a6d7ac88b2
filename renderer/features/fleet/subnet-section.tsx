import { Checkbox, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentSummary, PackageSummary } from '../../../shared/contracts/console-api.ts';
import { formatQuantity } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { linkWords } from '../sites/hours-words.ts';
import type { Rates } from './agent-rates.ts';
import { AgentTile } from './agent-tile.tsx';
import type { FleetSubnet } from './fleet-rules.ts';

const useStyles = makeStyles({
  tiles: {
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(208px, 1fr))',
    gap: '10px',
  },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface SubnetSectionProps {
  readonly row: FleetSubnet;
  readonly summaries: ReadonlyMap<AgentId, AgentSummary>;
  readonly rates: ReadonlyMap<AgentId, Rates>;
  readonly packages: readonly PackageSummary[];
  readonly chosen: ReadonlySet<string>;
  /** Missing where nothing can be done to the agents. */
  readonly onChoose?: (names: readonly string[], areChosen: boolean) => void;
}

export function SubnetSection({ row, summaries, rates, packages, chosen, onChoose }: SubnetSectionProps) {
  const styles = useStyles();
  const names = row.agents.map(({ name }) => name);
  const chosenHere = names.filter((name) => chosen.has(name)).length;
  const running = row.agents.filter(({ state }) => state === 'running').length;
  return (
    <Section
      title={row.name}
      hint={[
        ...(row.name === row.subnet ? [] : [row.subnet]),
        `${running} of ${formatQuantity(names.length, 'agent')} running`,
        ...(row.wanKilobitsPerSecond === null ? [] : [`WAN link as planned: ${linkWords(row.wanKilobitsPerSecond)}`]),
      ].join(' · ')}
      actions={
        onChoose !== undefined &&
        names.length > 0 && (
          <Checkbox
            label="Choose all"
            aria-label={`Choose all agents of ${row.name}`}
            checked={chosenHere === 0 ? false : chosenHere === names.length ? true : 'mixed'}
            onChange={(_event, { checked }) => onChoose(names, checked !== false)}
          />
        )
      }
    >
      {names.length === 0 ? (
        <Text className={styles.quiet}>No agent is here now. Agents of other subnets can be moved here.</Text>
      ) : (
        <ul className={styles.tiles} aria-label={`Agents of ${row.name}`}>
          {row.agents.map((agent) => (
            <AgentTile
              key={agent.name}
              agent={agent}
              summary={agent.agentId === null ? null : (summaries.get(agent.agentId) ?? null)}
              rates={agent.agentId === null ? undefined : rates.get(agent.agentId)}
              packages={packages}
              isChosen={chosen.has(agent.name)}
              {...(onChoose === undefined ? {} : { onChoose: (isChosen: boolean) => onChoose([agent.name], isChosen) })}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}
