import { Link } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { AnswerView } from '../../components/answer-view.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Section } from '../../components/page.tsx';
import type { Answer } from '../../components/use-answer.ts';
import { type ReportAddress, reportPath, reportTraits } from './report-address.ts';

interface ReportAnswerProps<Data> {
  readonly answer: Answer<Data>;
  readonly address: ReportAddress;
  readonly title: string;
  readonly children: (data: Data) => ReactNode;
}

/** A report, or why it cannot be made of this time and these filters, with a way to one that can. */
export function ReportAnswer<Data>({ answer, address, title, children }: ReportAnswerProps<Data>) {
  if (answer.refusal === null) {
    return (
      <AnswerView answer={answer} label="Making the report">
        {children}
      </AnswerView>
    );
  }
  const { range } = reportTraits[address.report];
  const plain: ReportAddress = { ...address, range, fromMs: null, toMs: null, filters: {} };
  return (
    <Section title={title}>
      <EmptyState
        title="This report cannot be made like this"
        titleAs="h3"
        action={
          reportPath(plain) === reportPath(address) ? undefined : (
            <Link href={`#${reportPath(plain)}`}>
              {range === 'all' ? 'Start again without filters' : 'Show the last 24 hours, without filters'}
            </Link>
          )
        }
      >
        {answer.refusal}
      </EmptyState>
    </Section>
  );
}
