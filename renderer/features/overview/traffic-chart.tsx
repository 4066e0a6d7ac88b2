import { makeStyles, tokens } from '@fluentui/react-components';
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { SeriesColours } from '../../app/theme.ts';
import { formatClockTime, formatRate } from '../../components/format.ts';
import { Hatching } from '../../components/series-swatch.tsx';
import { niceCeiling, type RatePoint } from '../../stores/traffic-series.ts';

const useStyles = makeStyles({
  chart: { height: '240px', fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
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

interface TrafficChartProps {
  readonly series: readonly RatePoint[];
  readonly endMs: number;
  readonly windowSeconds: number;
  readonly colours: SeriesColours;
}

export function TrafficChart({ series, endMs, windowSeconds, colours }: TrafficChartProps) {
  const styles = useStyles();
  const startMs = endMs - windowSeconds * 1000;
  const peak = Math.max(0, ...series.map((point) => point.directBytesPerSecond + point.peerBytesPerSecond));
  const top = niceCeiling(peak);
  // Without traffic there is no scale that would mean anything.
  const rateTicks = peak === 0 ? [0] : [0, top / 4, top / 2, (top * 3) / 4, top];
  const tick = { fill: tokens.colorNeutralForeground2 };
  return (
    <div
      className={styles.chart}
      role="img"
      aria-label={`Direct and peer traffic, up to ${formatRate(peak)}. “Show table” gives the figures.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart data={[...series]} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <defs>
            <Hatching id="peer-hatching" colour={colours.peer} />
          </defs>
          <CartesianGrid vertical={false} stroke={tokens.colorNeutralStroke3} />
          <XAxis
            dataKey="atMs"
            type="number"
            domain={[startMs, endMs]}
            ticks={timeTicks(startMs, endMs)}
            tickFormatter={(atMs: number) => formatClockTime(atMs).slice(0, windowSeconds > 300 ? 5 : 8)}
            allowDataOverflow
            stroke={tokens.colorNeutralStroke1}
            tick={tick}
          />
          <YAxis
            width={84}
            domain={[0, top]}
            ticks={rateTicks}
            tickFormatter={formatRate}
            axisLine={false}
            tickLine={false}
            tick={tick}
          />
          <Tooltip content={<RateTooltip />} isAnimationActive={false} />
          <Area
            dataKey="directBytesPerSecond"
            stackId="bytes"
            stroke={colours.direct}
            fill={colours.direct}
            fillOpacity={0.9}
            isAnimationActive={false}
          />
          <Area
            dataKey="peerBytesPerSecond"
            stackId="bytes"
            stroke={colours.peer}
            fill="url(#peer-hatching)"
            fillOpacity={1}
            isAnimationActive={false}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
}

/** Whole multiples of a step that gives five to eight of them. */
function timeTicks(startMs: number, endMs: number): number[] {
  const stepMs = endMs - startMs > 300_000 ? 120_000 : 20_000;
  const ticks: number[] = [];
  for (let atMs = Math.ceil(startMs / stepMs) * stepMs; atMs <= endMs; atMs += stepMs) ticks.push(atMs);
  return ticks;
}

interface RateTooltipProps {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: RatePoint }[];
}

function RateTooltip({ active, payload }: RateTooltipProps) {
  const styles = useStyles();
  const point = payload?.[0]?.payload;
  if (active !== true || point === undefined) return null;
  return (
    <div className={styles.tooltip}>
      <span className={styles.time}>{formatClockTime(point.atMs)}</span>
      <span>Direct</span>
      <span className={styles.value}>{formatRate(point.directBytesPerSecond)}</span>
      <span>Peer</span>
      <span className={styles.value}>{formatRate(point.peerBytesPerSecond)}</span>
    </div>
  );
}
