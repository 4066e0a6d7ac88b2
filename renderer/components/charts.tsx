import { makeStyles, tokens } from '@fluentui/react-components';
import { useId } from 'react';
import { Bar, BarChart, CartesianGrid, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts';
import type { ReportBucket } from '../../shared/contracts/reports-api.ts';
import { useSeriesColours } from '../app/theme.ts';
import { niceCeiling } from '../stores/traffic-series.ts';
import { cursor, Frame, quarters, Tip, tick } from './chart-frame.tsx';
import { formatBytes } from './format.ts';
import { NamedBars } from './named-bars.tsx';
import { type BytePoint, bucketTick, bucketWords } from './report-time.ts';
import { Hatching } from './series-swatch.tsx';

const useStyles = makeStyles({ opens: { '& .recharts-bar-rectangle': { cursor: 'pointer' } } });

/** Direct and peer bytes of each bucket, one on the other. */
export function BytesOverTime({ points, bucket }: { points: readonly BytePoint[]; bucket: ReportBucket }) {
  const colours = useSeriesColours();
  const hatching = useId();
  const top = niceCeiling(Math.max(0, ...points.map((point) => point.directBytes + point.peerBytes)));
  return (
    <Frame heightPx={260} label={`Direct and peer bytes of each ${bucket}.`}>
      <BarChart data={[...points]} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <defs>
          <Hatching id={hatching} colour={colours.peer} />
        </defs>
        <CartesianGrid vertical={false} stroke={tokens.colorNeutralStroke3} />
        <XAxis
          dataKey="atMs"
          tickFormatter={(atMs: number) => bucketTick(bucket, atMs)}
          interval="equidistantPreserveStart"
          minTickGap={24}
          stroke={tokens.colorNeutralStroke1}
          tick={tick}
        />
        <YAxis
          width={84}
          domain={[0, top]}
          ticks={quarters(top)}
          tickFormatter={formatBytes}
          axisLine={false}
          tickLine={false}
          tick={tick}
        />
        <Tooltip
          cursor={cursor}
          isAnimationActive={false}
          content={
            <Tip<BytePoint>
              title={(point) => bucketWords(bucket, point.atMs)}
              lines={(point) => [
                ['Direct', formatBytes(point.directBytes)],
                ['Peer', formatBytes(point.peerBytes)],
              ]}
            />
          }
        />
        <Bar dataKey="directBytes" stackId="bytes" fill={colours.direct} isAnimationActive={false} maxBarSize={48} />
        <Bar
          dataKey="peerBytes"
          stackId="bytes"
          fill={`url(#${hatching})`}
          stroke={colours.peer}
          isAnimationActive={false}
          maxBarSize={48}
        />
      </BarChart>
    </Frame>
  );
}

/** One line of a chart of rows: what is plain first, what is hatched behind it. */
export interface BarRow {
  readonly id: string;
  readonly name: string;
  readonly plain: number;
  readonly hatched: number;
}

interface BarsByNameProps {
  readonly label: string;
  readonly rows: readonly BarRow[];
  readonly plainLabel: string;
  /** Null: there is nothing hatched. */
  readonly hatchedLabel: string | null;
  readonly hatchedColour?: string;
  readonly format: (value: number) => string;
  /** A line to hold against: 1.00 of WAN copies. */
  readonly target?: number;
  readonly onOpen?: (id: string) => void;
}

export function BarsByName(props: BarsByNameProps) {
  const { rows, format, target, onOpen, plainLabel, hatchedLabel } = props;
  const styles = useStyles();
  const colours = useSeriesColours();
  const hatching = useId();
  const hatchedColour = props.hatchedColour ?? colours.peer;
  const longest = Math.max(target ?? 0, ...rows.map((row) => row.plain + row.hatched));
  const ticks = target === undefined ? quarters(niceCeiling(longest)) : wholeTicks(longest);
  const open =
    onOpen === undefined ? {} : { onClick: (bar: { payload?: BarRow }) => bar.payload && onOpen(bar.payload.id) };
  return (
    <NamedBars
      label={props.label}
      rows={rows}
      ticks={ticks}
      format={format}
      hatching={{ id: hatching, colour: hatchedColour }}
      {...(onOpen === undefined ? {} : { className: styles.opens })}
      tip={
        <Tip<BarRow>
          title={(row) => row.name}
          lines={(row) => [
            [plainLabel, format(row.plain)],
            ...(hatchedLabel === null ? [] : [[hatchedLabel, format(row.hatched)] as const]),
          ]}
        />
      }
    >
      <Bar dataKey="plain" stackId="row" fill={colours.direct} isAnimationActive={false} maxBarSize={20} {...open} />
      <Bar
        dataKey="hatched"
        stackId="row"
        fill={`url(#${hatching})`}
        stroke={hatchedColour}
        isAnimationActive={false}
        maxBarSize={20}
        {...open}
      />
      {target !== undefined && (
        <ReferenceLine x={target} stroke={tokens.colorNeutralForeground1} strokeDasharray="4 3" />
      )}
    </NamedBars>
  );
}

/** Up to eight whole numbers, which the target is one of. */
function wholeTicks(longest: number): number[] {
  const step = Math.max(1, niceCeiling(longest / 8));
  const count = Math.max(2, Math.ceil(longest / step + 0.05));
  return Array.from({ length: count + 1 }, (_nothing, index) => index * step);
}
