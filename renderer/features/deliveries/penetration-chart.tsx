import { makeStyles, tokens } from '@fluentui/react-components';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { PenetrationReport } from '../../../shared/contracts/reports-api.ts';
import type { SeriesColours } from '../../app/theme.ts';
import { formatClockTime, formatCount, formatExactTime } from '../../components/format.ts';
import type { PenetrationSeries } from './penetration-series.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Within so little, ticks would be named by the same minute. */
const shortMs = 6 * minuteMs;

const useStyles = makeStyles({
  chart: { height: '220px', fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
  tooltip: {
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    boxShadow: tokens.shadow8,
    display: 'grid',
    gridTemplateColumns: 'auto auto',
    gap: '2px 16px',
  },
  time: { gridColumn: '1 / -1', fontWeight: tokens.fontWeightSemibold },
  value: { textAlign: 'right' },
});

interface PenetrationChartProps {
  readonly report: PenetrationReport;
  readonly series: readonly PenetrationSeries[];
  readonly colours: SeriesColours;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Steps: between two points nothing was told, so nothing is drawn that might have been. */
export function PenetrationChart({ report, series, colours }: PenetrationChartProps) {
  const styles = useStyles();
  const points = report.points;
  const firstMs = points[0]?.atMs ?? report.fromMs;
  // One point alone has no width.
  const lastMs = Math.max(points.at(-1)?.atMs ?? report.toMs, firstMs + minuteMs);
  const isLong = lastMs - firstMs > dayMs;
  const isShort = lastMs - firstMs < shortMs;
  const tick = { fill: tokens.colorNeutralForeground2 };
  const last = points.at(-1);
  // A line has to end at the edge, not at the last change.
  const drawn = last === undefined || last.atMs >= lastMs ? points : [...points, { ...last, atMs: lastMs }];
  return (
    <div
      className={styles.chart}
      role="img"
      aria-label={`Agents over time, ${formatCount(last?.ready ?? 0)} of ${formatCount(report.agents)} ready. “Show table” gives the figures.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={[...drawn]} margin={{ top: 8, right: 24, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke={tokens.colorNeutralStroke3} />
          <XAxis
            dataKey="atMs"
            type="number"
            domain={[firstMs, lastMs]}
            tickCount={6}
            tickFormatter={(atMs: number) =>
              isLong ? day.format(atMs) : formatClockTime(atMs).slice(0, isShort ? 8 : 5)
            }
            stroke={tokens.colorNeutralStroke1}
            tick={tick}
          />
          <YAxis
            width={56}
            domain={[0, Math.max(1, report.agents)]}
            allowDecimals={false}
            tickFormatter={formatCount}
            axisLine={false}
            tickLine={false}
            tick={tick}
          />
          <Tooltip content={<PointTooltip series={series} />} isAnimationActive={false} />
          {series.map(({ key, dashes, colour }) => (
            <Line
              key={key}
              dataKey={key}
              type="stepAfter"
              dot={false}
              stroke={colour(colours)}
              strokeWidth={2.5}
              strokeDasharray={dashes}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}

interface PointTooltipProps {
  readonly series: readonly PenetrationSeries[];
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: PenetrationReport['points'][number] }[];
}

function PointTooltip({ series, active, payload }: PointTooltipProps) {
  const styles = useStyles();
  const point = payload?.[0]?.payload;
  if (active !== true || point === undefined) return null;
  return (
    <div className={styles.tooltip}>
      <span className={styles.time}>{formatExactTime(point.atMs)}</span>
      {series.map(({ key, label }) => [
        <span key={label}>{label}</span>,
        <span key={key} className={styles.value}>
          {formatCount(point[key])}
        </span>,
      ])}
    </div>
  );
}
