import {
  Checkbox,
  Combobox,
  Field,
  makeStyles,
  Option,
  Radio,
  RadioGroup,
  Tag,
  TagGroup,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import { targetSchema } from '../../shared/contracts/targets.ts';
import { agentsInTarget } from '../stores/agents-in-target.ts';
import { formatQuantity } from './format.ts';
import { useTopic } from './hooks.ts';
import { targetWords } from './words.ts';

const useStyles = makeStyles({
  editor: { display: 'flex', flexDirection: 'column', rowGap: '8px' },
  sites: {
    margin: 0,
    padding: 0,
    border: 'none',
    display: 'flex',
    flexDirection: 'column',
    maxHeight: '200px',
    overflowY: 'auto',
  },
  reach: { color: tokens.colorNeutralForeground2 },
  tags: { flexWrap: 'wrap', rowGap: '4px', maxHeight: '120px', overflowY: 'auto' },
});

/** Other targets are shown in words, and changed over the command line. */
type EditedKind = Exclude<Target['kind'], 'names' | 'tags' | 'rows'>;

const kinds: readonly { readonly kind: EditedKind; readonly label: string }[] = [
  { kind: 'all', label: 'All agents' },
  { kind: 'sites', label: 'Sites' },
  { kind: 'subnets', label: 'Subnets' },
  { kind: 'agents', label: 'Single agents' },
];

function emptyTarget(kind: EditedKind): Target {
  switch (kind) {
    case 'all':
      return { kind };
    case 'sites':
      return { kind, siteIds: [] };
    case 'subnets':
      return { kind, subnets: [] };
    case 'agents':
      return { kind, agentIds: [] };
  }
}

/** What is wrong with a target, for the field, or null. */
export function targetProblem(target: Target): string | null {
  const parsed = targetSchema.safeParse(target);
  if (parsed.success) return null;
  const issue = parsed.error.issues[0];
  const line = issue?.path.find((part) => typeof part === 'number');
  return line === undefined ? (issue?.message ?? 'Choose a target.') : `Line ${line + 1}: ${issue?.message}`;
}

interface TargetEditorProps {
  readonly label: string;
  readonly value: Target;
  readonly onChange: (target: Target) => void;
  /** Shown once the person has had a chance to fill it in. */
  readonly problem?: string | null;
}

export function TargetEditor({ label, value, onChange, problem = null }: TargetEditorProps) {
  const styles = useStyles();
  const agents = useTopic('agents');
  const sites = useTopic('sites');
  const isComplete = targetProblem(value) === null;
  return (
    <div className={styles.editor}>
      <Field label={label}>
        <RadioGroup
          layout="horizontal"
          value={value.kind}
          onChange={(_event, data) => {
            const kind = kinds.find((candidate) => candidate.kind === data.value)?.kind;
            if (kind !== undefined) onChange(emptyTarget(kind));
          }}
        >
          {kinds.map(({ kind, label: kindLabel }) => (
            <Radio key={kind} value={kind} label={kindLabel} />
          ))}
        </RadioGroup>
      </Field>
      {value.kind === 'sites' && <SiteChoice value={value} onChange={onChange} sites={sites} problem={problem} />}
      {value.kind === 'subnets' && <SubnetList value={value} onChange={onChange} problem={problem} />}
      {value.kind === 'agents' && <AgentChoice value={value} onChange={onChange} agents={agents} problem={problem} />}
      {!kinds.some(({ kind }) => kind === value.kind) && <Text>{targetWords(value, siteNames(sites ?? []))}</Text>}
      {agents !== null && sites !== null && isComplete && (
        <Text size={200} className={styles.reach}>
          Matches {formatQuantity(agentsInTarget(value, agents, sites).length, 'agent')} now.
        </Text>
      )}
    </div>
  );
}

function siteNames(sites: readonly Site[]): (id: string) => string | undefined {
  return (id) => sites.find((site) => site.id === id)?.name;
}

/** The properties of a Fluent `Field` that show a problem, or none. */
export function problemOf(problem: string | null | undefined) {
  return problem === null || problem === undefined || problem === ''
    ? {}
    : { validationMessage: problem, validationState: 'error' as const };
}

type ChoiceProps<Kind extends Target['kind']> = {
  readonly value: Extract<Target, { kind: Kind }>;
  readonly onChange: (target: Target) => void;
  readonly problem: string | null;
};

function SiteChoice({ value, onChange, sites, problem }: ChoiceProps<'sites'> & { sites: readonly Site[] | null }) {
  const styles = useStyles();
  if (sites !== null && sites.length === 0) return <Text>There are no sites yet. Choose subnets instead.</Text>;
  return (
    <Field label="Sites" {...problemOf(problem)}>
      <fieldset className={styles.sites} aria-label="Sites">
        {(sites ?? []).map((site) => (
          <Checkbox
            key={site.id}
            label={`${site.name} (${formatQuantity(site.agents, 'agent')})`}
            checked={value.siteIds.includes(site.id)}
            onChange={(_event, data) =>
              onChange({
                ...value,
                siteIds: data.checked ? [...value.siteIds, site.id] : value.siteIds.filter((id) => id !== site.id),
              })
            }
          />
        ))}
      </fieldset>
    </Field>
  );
}

export function linesOf(text: string): string[] {
  return text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function SubnetList({ value, onChange, problem }: ChoiceProps<'subnets'>) {
  const [text, setText] = useState(value.subnets.join('\n'));
  return (
    <Field label="Subnets" hint="One a line, such as 10.1.2.0/24." {...problemOf(problem)}>
      <Textarea
        value={text}
        rows={4}
        onChange={(_event, data) => {
          setText(data.value);
          onChange({ kind: 'subnets', subnets: linesOf(data.value) });
        }}
      />
    </Field>
  );
}

/** More options at once would make the list slow; typing narrows it. */
const maxOptions = 50;

function AgentChoice({
  value,
  onChange,
  agents,
  problem,
}: ChoiceProps<'agents'> & { agents: readonly AgentSummary[] | null }) {
  const styles = useStyles();
  const [text, setText] = useState('');
  const known = agents ?? [];
  const matching = known
    .filter((agent) => !value.agentIds.includes(agent.agentId))
    .filter((agent) => `${agent.name} ${agent.address}`.toLowerCase().includes(text.toLowerCase()))
    .slice(0, maxOptions);
  return (
    <>
      <Field label="Agents" hint="Type a name or an address." {...problemOf(problem)}>
        <Combobox
          freeform
          value={text}
          selectedOptions={[]}
          onChange={(event) => setText(event.target.value)}
          onOptionSelect={(_event, data) => {
            const chosen = known.find((agent) => agent.agentId === data.optionValue);
            if (chosen !== undefined) onChange({ kind: 'agents', agentIds: [...value.agentIds, chosen.agentId] });
            setText('');
          }}
        >
          {matching.map((agent) => (
            <Option key={agent.agentId} value={agent.agentId} text={agent.name}>
              {`${agent.name} · ${agent.address}`}
            </Option>
          ))}
        </Combobox>
      </Field>
      {value.agentIds.length > 0 && (
        <TagGroup
          className={styles.tags}
          aria-label="Chosen agents"
          onDismiss={(_event, data) =>
            onChange({ kind: 'agents', agentIds: value.agentIds.filter((id) => id !== data.value) })
          }
        >
          {value.agentIds.slice(0, 200).map((id) => (
            <Tag key={id} value={id} dismissible size="small" dismissIcon={{ 'aria-label': 'remove' }}>
              {known.find((agent) => agent.agentId === id)?.name ?? id.slice(0, 8)}
            </Tag>
          ))}
        </TagGroup>
      )}
    </>
  );
}
