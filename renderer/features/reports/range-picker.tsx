import { Button, Field, Input, makeStyles, Select } from '@fluentui/react-components';
import { useState } from 'react';
import { useNowMs } from '../../components/hooks.ts';
import { dayMs, hourMs } from '../../components/report-time.ts';
import { navigate } from '../../stores/route-store.ts';
import { type RangeName, type ReportAddress, reportPath } from './report-address.ts';

const useStyles = makeStyles({
  own: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: '8px 12px' },
  button: { marginTop: '26px' },
});

const rangeLabels: Readonly<Record<RangeName, string>> = {
  '24h': 'Last 24 hours',
  '28d': 'Last 28 days',
  all: 'Since it began',
  own: 'From … to …',
};

export function RangePicker({ address }: { address: ReportAddress }) {
  const nowMs = useNowMs();
  const names: readonly RangeName[] =
    address.report === 'penetration' ? ['all', '24h', '28d', 'own'] : ['24h', '28d', 'own'];
  const choose = (range: RangeName) => {
    const toMs = Math.floor(nowMs / hourMs) * hourMs;
    const own = range === 'own' ? { fromMs: toMs - 7 * dayMs, toMs } : { fromMs: null, toMs: null };
    navigate(reportPath({ ...address, range, ...own }));
  };
  return (
    <Field label="Time">
      <Select value={address.range} onChange={(_event, { value }) => choose(value as RangeName)}>
        {names.map((name) => (
          <option key={name} value={name}>
            {rangeLabels[name]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Shown by the clock of this computer; sent and kept in the address as UTC. */
export function OwnRange({ address }: { address: ReportAddress }) {
  const styles = useStyles();
  const nowMs = useNowMs();
  const [from, setFrom] = useState(localText(address.fromMs ?? nowMs));
  const [to, setTo] = useState(localText(address.toMs ?? nowMs));
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const problem = Number.isNaN(fromMs) || Number.isNaN(toMs) ? 'Enter both times.' : orderProblem(fromMs, toMs);
  return (
    <form
      className={styles.own}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === undefined) navigate(reportPath({ ...address, range: 'own', fromMs, toMs }));
      }}
    >
      <Field label="From" hint="By the clock of this computer">
        <Input type="datetime-local" value={from} onChange={(_event, { value }) => setFrom(value)} />
      </Field>
      <Field
        label="To"
        {...(problem === undefined ? {} : { validationState: 'error' as const, validationMessage: problem })}
      >
        <Input type="datetime-local" value={to} onChange={(_event, { value }) => setTo(value)} />
      </Field>
      <Button type="submit" appearance="primary" disabled={problem !== undefined} className={styles.button}>
        Show this time
      </Button>
    </form>
  );
}

function orderProblem(fromMs: number, toMs: number): string | undefined {
  return fromMs < toMs ? undefined : 'The time has to end after it begins.';
}

/** As the browser's own field wants it: `2026-11-22T17:05`, without a zone. */
function localText(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
