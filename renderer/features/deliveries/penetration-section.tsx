import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { DataLineRegular, TableRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { PenetrationReport } from '../../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../../app/theme.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount, formatExactTime, formatShare } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { begunOf } from './delivery-words.ts';
import { PenetrationChart } from './penetration-chart.tsx';
import { penetrationSeries } from './penetration-series.ts';

const refreshMs = 10_000;

type Point = PenetrationReport['points'][number];

const useStyles = makeStyles({
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 24px' },
  entry: { display: 'inline-flex', alignItems: 'center', columnGap: '8px', fontVariantNumeric: 'tabular-nums' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

function columnsOf(report: PenetrationReport, isInstalled: boolean): readonly TableColumn<Point>[] {
  return [
    { id: 'at', header: 'At', value: ({ atMs }) => atMs, cell: ({ atMs }) => formatExactTime(atMs), width: 180 },
    ...penetrationSeries(isInstalled).map(
      ({ key, label }): TableColumn<Point> => ({
        id: key,
        header: label,
        value: (point) => point[key],
        cell: (point) => `${formatCount(point[key])} (${formatShare(point[key], report.agents)})`,
        width: 120,
        isNumeric: true,
      }),
    ),
  ];
}

/** How many agents had got how far, over time. */
export function PenetrationSection({ delivery }: { delivery: Delivery }) {
  const styles = useStyles();
  const colours = useSeriesColours();
  const [isTable, setIsTable] = useState(false);
  const answer = useAnswer('penetrationReport', { query: { deliveryId: delivery.id } }, { everyMs: refreshMs });
  const series = penetrationSeries(delivery.installation !== null);
  return (
    <Section
      title="Penetration"
      hint="Agents that were ready, done or failed, by the minute, and by the hour from the second day on."
      actions={
        <Button
          size="small"
          appearance="subtle"
          icon={isTable ? <DataLineRegular /> : <TableRegular />}
          onClick={() => setIsTable(!isTable)}
        >
          {isTable ? 'Show chart' : 'Show table'}
        </Button>
      }
    >
      <AnswerView answer={answer} label="Reading the penetration">
        {(report) => {
          const last = report.points.at(-1);
          if (last === undefined || begunOf(delivery) === 0) {
            return <span className={styles.quiet}>The delivery has not begun.</span>;
          }
          return (
            <>
              <div className={styles.legend}>
                {series.map(({ key, label, dashes, colour }) => (
                  <span key={key} className={styles.entry}>
                    <svg width="28" height="8" aria-hidden="true">
                      <line
                        {...{ x1: 0, x2: 28, y1: 4, y2: 4, strokeWidth: 2.5, strokeDasharray: dashes }}
                        stroke={colour(colours)}
                      />
                    </svg>
                    {label} {formatCount(last[key])} of {formatCount(report.agents)} (
                    {formatShare(last[key], report.agents)})
                  </span>
                ))}
              </div>
              {isTable ? (
                <DataTable
                  label="Penetration"
                  noun="row"
                  columns={columnsOf(report, delivery.installation !== null)}
                  rows={report.points}
                  rowId={({ atMs }) => String(atMs)}
                  sortedBy={{ id: 'at', descending: true }}
                  maxHeightPx={260}
                  empty="No figures yet."
                />
              ) : (
                <PenetrationChart report={report} series={series} colours={colours} />
              )}
            </>
          );
        }}
      </AnswerView>
    </Section>
  );
}
