import { tokens } from '@fluentui/react-components';
import { useId } from 'react';
import { Bar, CartesianGrid, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import { useSeriesColours } from '../../app/theme.ts';
import { Frame, quarters, Tip, tick } from '../../components/chart-frame.tsx';
import { formatShare } from '../../components/format.ts';
import { NamedBars } from '../../components/named-bars.tsx';
import { StepLines } from '../../components/step-lines.tsx';
import { niceCeiling } from '../../stores/traffic-series.ts';
import type { CurvePoint, GroupedRow } from './simulation-rows.ts';
import { hasHours } from './simulation-rows.ts';
import { onceOn, virtualTimeWords } from './simulation-words.ts';

interface CurveProps {
  readonly points: readonly CurvePoint[];
  readonly names: readonly string[];
  readonly endSeconds: number;
}

/** The share of the agents that are ready, over virtual time, and of those that could be. */
export function PenetrationCurve({ points, names, endSeconds }: CurveProps) {
  const colours = useSeriesColours();
  const isOnShown = hasHours(points);
  const ready = [
    { key: 'first', colour: colours.peer, dashes: undefined },
    { key: 'second', colour: colours.direct, dashes: '6 3' },
  ];
  const lines = [
    ...(isOnShown ? [{ key: 'on', colour: 'currentColor', dashes: '2 2' }] : []),
    ...ready.slice(0, names.length),
  ];
  return (
    <Frame heightPx={260} label="The share of the agents that are ready, over virtual time.">
      <LineChart data={[...points]} margin={{ top: 8, right: 24, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke={tokens.colorNeutralStroke3} />
        <XAxis
          dataKey="seconds"
          type="number"
          domain={[0, endSeconds]}
          ticks={quarters(endSeconds)}
          tickFormatter={virtualTimeWords}
          stroke={tokens.colorNeutralStroke1}
          tick={tick}
        />
        <YAxis
          width={64}
          domain={[0, 1]}
          ticks={quarters(1)}
          tickFormatter={(share: number) => formatShare(share, 1)}
          axisLine={false}
          tickLine={false}
          tick={tick}
        />
        <Tooltip
          isAnimationActive={false}
          content={
            <Tip<CurvePoint>
              title={(point) => `After ${virtualTimeWords(point.seconds)}`}
              lines={(point) => [
                ...names.map(
                  (name, index) => [name, formatShare(index === 0 ? point.first : (point.second ?? 0), 1)] as const,
                ),
                ...(isOnShown ? [[onceOn, formatShare(point.on, 1)] as const] : []),
              ]}
            />
          }
        />
        <StepLines lines={lines} />
      </LineChart>
    </Frame>
  );
}

interface GroupedBarsProps {
  readonly label: string;
  readonly rows: readonly GroupedRow[];
  readonly names: readonly string[];
  readonly format: (value: number) => string;
}

/** One bar for each policy beside each other, the first plain, the second hatched. */
export function GroupedBars({ label, rows, names, format }: GroupedBarsProps) {
  const colours = useSeriesColours();
  const hatching = useId();
  const top = niceCeiling(Math.max(0, ...rows.flatMap(({ first, second }) => [first, second ?? 0])));
  return (
    <NamedBars
      label={label}
      rows={rows}
      ticks={quarters(top)}
      format={format}
      hatching={{ id: hatching, colour: colours.direct }}
      tip={
        <Tip<GroupedRow>
          title={(row) => row.name}
          lines={(row) => names.map((name, index) => [name, format(index === 0 ? row.first : (row.second ?? 0))])}
        />
      }
    >
      <Bar dataKey="first" fill={colours.peer} isAnimationActive={false} maxBarSize={12} />
      {names.length > 1 && (
        <Bar
          dataKey="second"
          fill={`url(#${hatching})`}
          stroke={colours.direct}
          isAnimationActive={false}
          maxBarSize={12}
        />
      )}
    </NamedBars>
  );
}
