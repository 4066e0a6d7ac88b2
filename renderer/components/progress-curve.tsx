import { tokens } from '@fluentui/react-components';
import { CartesianGrid, LineChart, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts';
import { useSeriesColours } from '../app/theme.ts';
import { Frame, Tip, tick } from './chart-frame.tsx';
import { formatCount } from './format.ts';
import { bucketTick, bucketWords, dayMs } from './report-time.ts';
import { StepLines } from './step-lines.tsx';

export interface ProgressPoint {
  readonly atMs: number;
  readonly ready: number;
  readonly installed: number;
  readonly failed: number;
}

interface ProgressCurveProps {
  readonly points: readonly ProgressPoint[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Whom it is meant for: the line above. */
  readonly agents: number;
  /** Where nothing is installed there is no line of it. */
  readonly hasInstallation: boolean;
}

/** How many agents had got how far: each step stays until the next. */
export function ProgressCurve({ points, fromMs, toMs, agents, hasInstallation }: ProgressCurveProps) {
  const colours = useSeriesColours();
  const bucket = toMs - fromMs > 2 * dayMs ? 'day' : 'minute';
  const top = Math.max(1, agents, ...points.map((point) => Math.max(point.ready, point.installed, point.failed)));
  const lines = [
    { key: 'ready', colour: colours.peer, dashes: undefined },
    ...(hasInstallation ? [{ key: 'installed', colour: colours.direct, dashes: '6 3' }] : []),
    { key: 'failed', colour: 'currentColor', dashes: '2 2' },
  ];
  return (
    <Frame heightPx={280} label={`Agents that had the package over time, of ${agents}.`}>
      <LineChart data={[...points]} margin={{ top: 12, right: 24, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke={tokens.colorNeutralStroke3} />
        <XAxis
          dataKey="atMs"
          type="number"
          domain={[fromMs, toMs]}
          allowDataOverflow
          tickFormatter={(atMs: number) => bucketTick(bucket, atMs)}
          minTickGap={32}
          stroke={tokens.colorNeutralStroke1}
          tick={tick}
        />
        <YAxis
          width={64}
          domain={[0, top]}
          allowDecimals={false}
          tickFormatter={formatCount}
          axisLine={false}
          tickLine={false}
          tick={tick}
        />
        <Tooltip
          isAnimationActive={false}
          content={
            <Tip<ProgressPoint>
              title={(point) => bucketWords('minute', point.atMs)}
              lines={(point) => [
                ['Ready', formatCount(point.ready)],
                ...(hasInstallation ? [['Installed', formatCount(point.installed)] as const] : []),
                ['Failed', formatCount(point.failed)],
              ]}
            />
          }
        />
        {agents > 0 && <ReferenceLine y={agents} stroke={tokens.colorNeutralForeground2} strokeDasharray="4 3" />}
        <StepLines lines={lines} />
      </LineChart>
    </Frame>
  );
}
