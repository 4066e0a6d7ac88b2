import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { Answer } from './use-answer.ts';
import { Waiting } from './waiting.tsx';

interface AnswerViewProps<Data> {
  readonly answer: Answer<Data>;
  /** What is waited for: "Reading the audit trail". */
  readonly label: string;
  readonly children: (data: Data) => ReactNode;
}

/** What was answered, with a word above it where it may be old; a way to try again where there is nothing yet. */
export function AnswerView<Data>({ answer, label, children }: AnswerViewProps<Data>) {
  const { data, problem } = answer;
  return (
    <>
      {problem !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            {problem}
            {data !== null && ' What is shown is from before.'}
          </MessageBarBody>
          <MessageBarActions>
            <Button size="small" disabled={answer.isAsking} onClick={() => answer.askAgain()}>
              Try again
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
      {data === null ? problem === null && <Waiting label={label} /> : children(data)}
    </>
  );
}
