import type { ReactNode } from 'react';
import { AnswerView } from '../../components/answer-view.tsx';
import { useNowMs } from '../../components/hooks.ts';
import { Section } from '../../components/page.tsx';
import { hourMs } from '../../components/report-time.ts';
import { TrafficOverTime } from '../../components/traffic-over-time.tsx';
import { useAnswer } from '../../components/use-answer.ts';

const refreshMs = 60_000;
const title = 'Direct and peer traffic';

/** Longer than the live feed reaches back: hours of a day, days of four weeks. */
export function ReportedTraffic({ hours, tabs }: { hours: number; tabs: ReactNode }) {
  // From a full hour on: within it the question stays the same.
  const fromMs = Math.floor(useNowMs() / hourMs - hours) * hourMs;
  const answer = useAnswer('trafficReport', { query: { fromMs: String(fromMs) } }, { everyMs: refreshMs });
  if (answer.data !== null && answer.problem === null) {
    return <TrafficOverTime report={answer.data} title={title} actions={tabs} />;
  }
  return (
    <Section title={title} actions={tabs}>
      <AnswerView answer={answer} label="Reading the traffic">
        {(report) => <TrafficOverTime report={report} title={title} />}
      </AnswerView>
    </Section>
  );
}
