import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { ResponsiveContainer } from 'recharts';

const useStyles = makeStyles({
  chart: { fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
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
  title: { gridColumn: '1 / -1', fontWeight: tokens.fontWeightSemibold },
  value: { textAlign: 'right' },
});

export const tick = { fill: tokens.colorNeutralForeground2 };
export const cursor = { fill: tokens.colorNeutralBackground1Hover, stroke: tokens.colorNeutralStroke1 };

interface TipProps<Point> {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: Point }[];
  readonly title: (point: Point) => string;
  readonly lines: (point: Point) => readonly (readonly [string, string])[];
}

export function Tip<Point>({ active, payload, title, lines }: TipProps<Point>) {
  const styles = useStyles();
  const point = payload?.[0]?.payload;
  if (active !== true || point === undefined) return null;
  return (
    <div className={styles.tooltip}>
      <span className={styles.title}>{title(point)}</span>
      {lines(point).map(([label, value]) => [
        <span key={label}>{label}</span>,
        <span key={`${label} value`} className={styles.value}>
          {value}
        </span>,
      ])}
    </div>
  );
}

export function Frame({ heightPx, label, className, children }: FrameProps) {
  const styles = useStyles();
  return (
    <div
      className={`${styles.chart} ${className ?? ''}`}
      style={{ height: heightPx }}
      role="img"
      aria-label={`${label} “Show table” gives the figures.`}
    >
      <ResponsiveContainer width="100%" height="100%">
        {children}
      </ResponsiveContainer>
    </div>
  );
}

interface FrameProps {
  readonly heightPx: number;
  readonly label: string;
  readonly className?: string;
  readonly children: ReactElement;
}

/** Of an axis that ends at a round number. */
export function quarters(top: number): number[] {
  return [0, top / 4, top / 2, (top * 3) / 4, top];
}
