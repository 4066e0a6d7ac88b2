import { Line } from 'recharts';

interface StepLine {
  readonly key: string;
  readonly colour: string;
  /** So that lines are told apart without colours; undefined = a plain one. */
  readonly dashes: string | undefined;
}

/** Lines of what stays until the next step. */
export function StepLines({ lines }: { lines: readonly StepLine[] }) {
  return lines.map(({ key, colour, dashes }) => (
    <Line
      key={key}
      dataKey={key}
      type="stepAfter"
      stroke={colour}
      strokeWidth={2.5}
      {...(dashes === undefined ? {} : { strokeDasharray: dashes })}
      dot={false}
      isAnimationActive={false}
    />
  ));
}
