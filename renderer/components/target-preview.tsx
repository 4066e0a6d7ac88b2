import { Button, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { Target } from '../../shared/contracts/targets.ts';
import type { TargetPreview as Preview } from '../../shared/contracts/targets-api.ts';
import { maximumPreviewedMembers } from '../../shared/contracts/targets-api.ts';
import { formatCount, formatQuantity } from './format.ts';
import { PlainTable } from './plain-table.tsx';
import { useAnswer } from './use-answer.ts';

/** Between two keys nothing is asked; the counting itself takes milliseconds. */
const typingMs = 250;

const useStyles = makeStyles({
  preview: { display: 'flex', flexDirection: 'column', rowGap: '4px' },
  line: { display: 'flex', flexWrap: 'wrap', columnGap: '8px', alignItems: 'baseline' },
  quiet: { color: tokens.colorNeutralForeground2 },
  problem: { color: tokens.colorStatusDangerForeground1 },
  members: {
    maxHeight: '200px',
    overflowY: 'auto',
    padding: '4px 8px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  pages: { display: 'flex', alignItems: 'center', columnGap: '8px' },
});

interface TargetPreviewProps {
  readonly target: Target;
  /** The policy that would have the target; null = a new one, missing = it is for something else. */
  readonly policyId?: string | null | undefined;
}

/** Whom a target means now, stored or not: counted by the server, by the same rules as for what is stored. */
export function TargetPreview({ target, policyId }: TargetPreviewProps) {
  const styles = useStyles();
  const settled = useSettled(target);
  const [isOpen, setIsOpen] = useState(false);
  const [skip, setSkip] = useState(0);
  const [shownTarget, setShownTarget] = useState(settled);
  if (shownTarget !== settled) {
    setShownTarget(settled);
    setSkip(0);
  }
  const answer = useAnswer('previewTarget', {
    body: { target: settled, skip, ...(policyId === undefined ? {} : { policyId }) },
  });
  const { data } = answer;
  if (data === null) {
    return (
      <Text size={200} className={answer.problem === null ? styles.quiet : styles.problem}>
        {answer.problem ?? 'Counting the computers …'}
      </Text>
    );
  }
  return (
    <div className={styles.preview}>
      <div className={styles.line} role="status">
        <Text size={200} weight="semibold">
          Matches {formatQuantity(data.agents, 'agent')} now.
        </Text>
        <Text size={200} className={styles.quiet}>
          {changeWords(data)}
        </Text>
        {answer.problem !== null && (
          <Text size={200} className={styles.problem}>
            {answer.problem}
          </Text>
        )}
      </div>
      {data.agents > 0 && (
        <Link as="button" type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Hide them' : 'Show them'}
        </Link>
      )}
      {isOpen && data.agents > 0 && <Members preview={data} skip={skip} onSkip={setSkip} />}
    </div>
  );
}

function Members(props: { preview: Preview; skip: number; onSkip: (skip: number) => void }) {
  const styles = useStyles();
  const { preview, skip, onSkip } = props;
  const last = skip + preview.members.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be scrolled by keys, too. */}
      <section className={styles.members} aria-label="Members" tabIndex={0}>
        <PlainTable
          label="Members of the target"
          columns={[{ header: 'Name' }, { header: 'Address' }, { header: 'Site' }, { header: 'Policy now' }]}
          rows={preview.members.map(({ agentId, name, address, siteName, policyName }) => ({
            id: agentId,
            cells: [name, address, siteName ?? '–', policyName],
          }))}
        />
      </section>
      {preview.agents > maximumPreviewedMembers && (
        <div className={styles.pages}>
          <Button size="small" disabled={skip === 0} onClick={() => onSkip(skip - maximumPreviewedMembers)}>
            Previous
          </Button>
          <Button size="small" disabled={last >= preview.agents} onClick={() => onSkip(skip + maximumPreviewedMembers)}>
            Next
          </Button>
          <Text size={200}>
            {formatCount(skip + 1)}–{formatCount(last)} of {formatCount(preview.agents)}
          </Text>
        </div>
      )}
    </>
  );
}

/** Who would have another policy: "3 agents would go from “Peers” to “Labs”." The largest groups only. */
function changeWords({ changes }: Preview): string {
  return changes
    .slice(0, 3)
    .map(({ agents, fromPolicyName, toPolicyId, toPolicyName }) => {
      const to = toPolicyId === null ? 'the new policy' : `“${toPolicyName}”`;
      return `${formatQuantity(agents, 'agent')} would go from “${fromPolicyName}” to ${to}.`;
    })
    .join(' ');
}

/** The value as it is when nobody has changed it for a moment. */
function useSettled(target: Target): Target {
  const [settled, setSettled] = useState(target);
  const text = JSON.stringify(target);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as Target), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
