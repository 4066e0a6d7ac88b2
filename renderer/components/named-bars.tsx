import { tokens } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';
import { BarChart, CartesianGrid, Tooltip, XAxis, YAxis } from 'recharts';
import { cursor, Frame, tick } from './chart-frame.tsx';
import { Hatching } from './series-swatch.tsx';

interface NamedRow {
  readonly id: string;
  readonly name: string;
}

interface NamedBarsProps {
  readonly label: string;
  readonly rows: readonly NamedRow[];
  /** Where the axis of values has its marks, the last at its end. */
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  readonly hatching: { readonly id: string; readonly colour: string };
  readonly tip: ReactElement;
  readonly className?: string;
  /** The bars, and lines across them. */
  readonly children: ReactNode;
}

const rowPx = 34;
const axisPx = 44;
/** Wide enough for most letters at the size of the axis. */
const letterPx = 6.4;
const longestName = 38;

/** Lying bars with the name of each row before it: the frame, the axes and the tip; who uses it draws the bars. */
export function NamedBars(props: NamedBarsProps) {
  const { label, rows, ticks, format, hatching, tip, className, children } = props;
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const nameLength = Math.max(0, ...rows.map(({ name }) => shortened(name).length));
  return (
    <Frame
      heightPx={Math.max(2, rows.length) * rowPx + axisPx}
      label={label}
      {...(className === undefined ? {} : { className })}
    >
      <BarChart
        data={[...rows]}
        layout="vertical"
        margin={{ top: 8, right: 32, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <defs>
          <Hatching {...hatching} />
        </defs>
        <CartesianGrid horizontal={false} stroke={tokens.colorNeutralStroke3} />
        <XAxis
          type="number"
          domain={[0, ticks.at(-1) ?? 1]}
          ticks={[...ticks]}
          tickFormatter={format}
          stroke={tokens.colorNeutralStroke1}
          tick={tick}
        />
        <YAxis
          type="category"
          dataKey="id"
          width={Math.max(90, nameLength * letterPx + 16)}
          interval={0}
          tickFormatter={(id: string) => shortened(names.get(id) ?? id)}
          axisLine={false}
          tickLine={false}
          tick={tick}
        />
        <Tooltip cursor={cursor} isAnimationActive={false} content={tip} />
        {children}
      </BarChart>
    </Frame>
  );
}

function shortened(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
