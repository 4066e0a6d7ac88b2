import { tokens } from '@fluentui/react-components';
import { Area, AreaChart, CartesianGrid, Tooltip, XAxis, YAxis } from 'recharts';
import type { SeriesColours } from '../../app/theme.ts';
import { Frame, quarters, Tip, tick } from '../../components/chart-frame.tsx';
import { formatClockTime, formatRate } from '../../components/format.ts';
import { Hatching } from '../../components/series-swatch.tsx';
import { niceCeiling, type RatePoint } from '../../stores/traffic-series.ts';

interface TrafficChartProps {
  readonly series: readonly RatePoint[];
  readonly endMs: number;
  readonly windowSeconds: number;
  readonly colours: SeriesColours;
}

export function TrafficChart({ series, endMs, windowSeconds, colours }: TrafficChartProps) {
  const startMs = endMs - windowSeconds * 1000;
  const peak = Math.max(0, ...series.map((point) => point.directBytesPerSecond + point.peerBytesPerSecond));
  const top = niceCeiling(peak);
  // Without traffic there is no scale that would mean anything.
  const rateTicks = peak === 0 ? [0] : quarters(top);
  return (
    <Frame heightPx={240} label={`Direct and peer traffic, up to ${formatRate(peak)}.`}>
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
        <Tooltip content={<Tip title={titleOf} lines={linesOf} />} isAnimationActive={false} />
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
    </Frame>
  );
}

/** Whole multiples of a step that gives five to eight of them. */
function timeTicks(startMs: number, endMs: number): number[] {
  const stepMs = endMs - startMs > 300_000 ? 120_000 : 20_000;
  const ticks: number[] = [];
  for (let atMs = Math.ceil(startMs / stepMs) * stepMs; atMs <= endMs; atMs += stepMs) ticks.push(atMs);
  return ticks;
}

const titleOf = (point: RatePoint) => formatClockTime(point.atMs);

function linesOf(point: RatePoint): readonly (readonly [string, string])[] {
  return [
    ['Direct', formatRate(point.directBytesPerSecond)],
    ['Peer', formatRate(point.peerBytesPerSecond)],
  ];
}
