import { MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { SimulationJob } from '../../../shared/contracts/simulations-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import type { LegendEntry } from '../../components/chart-picture.ts';
import { ChartSection } from '../../components/chart-section.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import { formatBytes, formatCopies, formatQuantity, formatShare } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { PlainTable } from '../../components/plain-table.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { GroupedBars, PenetrationCurve } from './simulation-charts.tsx';
import type { CurvePoint, GroupedRow, SiteRow } from './simulation-rows.ts';
import { curveEnd, curvePoints, hasHours, reasonRows, siteRows } from './simulation-rows.ts';
import {
  assumptionWords,
  figureRows,
  onceOn,
  sampleWords,
  verdictWords,
  virtualTimeWords,
} from './simulation-words.ts';

const worstSites = 12;

const useStyles = makeStyles({
  results: { display: 'flex', flexDirection: 'column', rowGap: '16px', minWidth: 0 },
  list: { margin: 0, paddingLeft: '20px', display: 'flex', flexDirection: 'column', rowGap: '4px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

type Results = NonNullable<SimulationJob['results']>;

/** What came of a simulation, of one policy or of two beside each other. */
export function SimulationResults({ job, results }: { job: SimulationJob; results: Results }) {
  const styles = useStyles();
  const names = namesOf(job);
  const verdict = verdictWords(names, results);
  const violations = results.flatMap((result) => result.violations);
  const [first] = results;
  return (
    <div className={styles.results}>
      {violations.length > 0 && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            The simulator saw a rule broken that Fanout never breaks ({violations[0]?.detail}): an error of Fanout,
            which its makers can repeat with seed {job.order.seed} and the exported result. Do not decide by these
            figures.
          </MessageBarBody>
        </MessageBar>
      )}
      <Section title="In figures" {...(first === undefined ? {} : { hint: sampleWords(first) })}>
        {verdict !== null && <Text weight="semibold">{verdict}</Text>}
        <PlainTable
          label="In figures"
          columns={[{ header: 'Figure' }, ...names.map((header) => ({ header, isNumeric: true }))]}
          rows={figureRows(results).map(({ id, label, values }) => ({ id, cells: [label, ...values] }))}
        />
      </Section>
      <Penetration results={results} names={names} />
      <WanBySite results={results} names={names} />
      <WhyDirect results={results} names={names} />
      <Section title="Assumptions" hint="What the model takes for granted, and what it leaves out.">
        <ul className={styles.list}>
          {assumptionWords(job, names).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Section>
    </div>
  );
}

/** Two columns of one name would be one. */
function namesOf({ order }: SimulationJob): string[] {
  return order.variants.map(({ name }, index) =>
    index > 0 && order.variants[0]?.name === name ? `${name} (again)` : name,
  );
}

interface PartProps {
  readonly results: Results;
  readonly names: readonly string[];
}

function useLegend(
  names: readonly string[],
  looks: readonly [LegendEntry['look'], LegendEntry['look']],
): LegendEntry[] {
  const colours = useSeriesColours();
  return names.map((label, index) => ({
    label,
    colour: index === 0 ? colours.peer : colours.direct,
    ...(looks[index] === undefined ? {} : { look: looks[index] }),
  }));
}

function Penetration({ results, names }: PartProps) {
  const points = curvePoints(results);
  const isOnShown = hasHours(points);
  const legend = useLegend(names, ['line', 'dashed']);
  const shareColumn = (key: 'first' | 'second' | 'on', header: string): TableColumn<CurvePoint> => ({
    ...{ id: key, header, width: 140, grow: 1, isNumeric: true },
    value: (point) => point[key],
    cell: (point) => formatShare(point[key] ?? 0, 1),
  });
  const columns: readonly TableColumn<CurvePoint>[] = [
    {
      ...{ id: 'seconds', header: 'Seconds', width: 140 },
      value: ({ seconds }) => seconds,
      cell: ({ seconds }) => virtualTimeWords(seconds),
    },
    ...names.map((name, index) => shareColumn(index === 0 ? 'first' : 'second', name)),
    ...(isOnShown ? [shareColumn('on', onceOn)] : []),
  ];
  return (
    <ChartSection
      title="Penetration over time"
      words={`The share of the simulated agents that have the whole package and have verified it${isOnShown ? ', and of those whose computers had been on by then: no more can be ready' : ''}.`}
      legend={[...legend, ...(isOnShown ? [{ label: onceOn, colour: 'currentColor', look: 'dotted' as const }] : [])]}
      chart={<PenetrationCurve points={points} names={names} endSeconds={curveEnd(points)} />}
      noun="point"
      columns={columns}
      rows={points}
      rowId={({ seconds }) => String(seconds)}
      sortedBy={{ id: 'seconds' }}
    />
  );
}

function WanBySite({ results, names }: PartProps) {
  const rows = siteRows(results);
  const copiesColumn = (key: 'firstCopies' | 'secondCopies', header: string): TableColumn<SiteRow> => ({
    ...{ id: key, header, width: 120, grow: 1, isNumeric: true },
    value: (row) => row[key],
    cell: (row) => formatCopies(row[key] ?? 0),
  });
  const columns: readonly TableColumn<SiteRow>[] = [
    { id: 'name', header: 'Site', value: ({ name }) => name, width: 140, grow: 2 },
    { id: 'agents', header: 'Agents', value: ({ agents }) => agents, width: 80, grow: 0, isNumeric: true },
    ...names.flatMap((name, index) => [
      bytesColumn<SiteRow>(index === 0 ? 'first' : 'second', `${name}: bytes`, (row) =>
        index === 0 ? row.first : (row.second ?? 0),
      ),
      copiesColumn(index === 0 ? 'firstCopies' : 'secondCopies', `${name}: copies`),
    ]),
  ];
  const shown = rows.slice(0, worstSites);
  return (
    <ChartSection
      title="WAN bytes by site"
      words={`What came over the WAN link of each simulated site, the worst first${rows.length > shown.length ? `: ${shown.length} of ${formatQuantity(rows.length, 'site')}; the table has all` : ''}.`}
      legend={useLegend(names, [undefined, 'hatched'])}
      chart={<GroupedBars label="WAN bytes by site." rows={shown} names={names} format={formatBytes} />}
      noun="site"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      sortedBy={{ id: 'first', descending: true }}
    />
  );
}

function WhyDirect({ results, names }: PartProps) {
  const rows = reasonRows(results);
  const columns: readonly TableColumn<GroupedRow>[] = [
    { id: 'name', header: 'Reason', value: ({ name }) => name, width: 220, grow: 2 },
    ...names.map((name, index) =>
      bytesColumn<GroupedRow>(index === 0 ? 'first' : 'second', name, (row) =>
        index === 0 ? row.first : (row.second ?? 0),
      ),
    ),
  ];
  return (
    <ChartSection
      title="Why direct?"
      words="The reasons in the decision journals of the simulated agents, for what came from servers."
      legend={useLegend(names, [undefined, 'hatched'])}
      chart={<GroupedBars label="Direct bytes by reason." rows={rows} names={names} format={formatBytes} />}
      {...(rows.length === 0 ? { nothing: <Text>Nothing came from a server.</Text> } : {})}
      noun="reason"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      sortedBy={{ id: 'first', descending: true }}
    />
  );
}
