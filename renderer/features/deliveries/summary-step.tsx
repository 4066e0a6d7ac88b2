import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import type { DeliveryDraft } from '../../../shared/contracts/deliveries-api.ts';
import { deliverySentences } from './delivery-sentences.ts';
import { useReach } from './use-reach.ts';
import type { Problems, WizardStep } from './wizard-form.ts';
import { stepOfField, stepWords } from './wizard-form.ts';

const useStyles = makeStyles({
  sentences: { margin: 0, paddingLeft: '20px', display: 'flex', flexDirection: 'column', rowGap: '8px' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
});

interface SummaryStepProps {
  readonly draft: DeliveryDraft;
  readonly packageName: string;
  readonly problems: Problems;
  readonly onGo: (step: WizardStep) => void;
}

/** What will happen, in sentences; or what has to be put right first. */
export function SummaryStep({ draft, packageName, problems, onGo }: SummaryStepProps) {
  const styles = useStyles();
  const { siteName, members } = useReach([draft.target, ...draft.laterStages.map(({ target }) => target)]);
  if (problems.size > 0) {
    return [...problems].map(([name, message]) => (
      <MessageBar key={name} intent="error" layout="multiline">
        <MessageBarBody>
          {stepWords[stepOfField(name)]}: {message}
        </MessageBarBody>
        <MessageBarActions>
          <Button size="small" onClick={() => onGo(stepOfField(name))}>
            Put it right
          </Button>
        </MessageBarActions>
      </MessageBar>
    ));
  }
  return (
    <>
      <h3 className={styles.heading}>What will happen</h3>
      <ul className={styles.sentences}>
        {deliverySentences(draft, { packageName, siteName, members }).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {members?.every((count) => count === 0) && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>No agent is meant now. Agents that join later and are meant get it then.</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
