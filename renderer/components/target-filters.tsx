import {
  Checkbox,
  Combobox,
  Field,
  makeStyles,
  Option,
  Tag,
  TagGroup,
  Text,
  Textarea,
} from '@fluentui/react-components';
import { useState } from 'react';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';
import type { TargetFilter } from '../../shared/contracts/targets.ts';
import { tagSchema } from '../../shared/contracts/targets.ts';
import { formatQuantity } from './format.ts';
import { linesOf, problemOf } from './target-editor.tsx';
import { agentsNamed } from './target-rows.ts';
import { useAnswer } from './use-answer.ts';

const useStyles = makeStyles({
  sites: {
    margin: 0,
    padding: 0,
    border: 'none',
    display: 'flex',
    flexDirection: 'column',
    maxHeight: '168px',
    overflowY: 'auto',
  },
  tags: { flexWrap: 'wrap', rowGap: '4px', maxHeight: '96px', overflowY: 'auto' },
});

/** Many more would be a page of its own to read; the rest stays chosen. */
const maxTags = 200;
/** More options at once would make the list slow; typing narrows it. */
const maxOptions = 50;

interface FilterFieldsProps {
  readonly filter: TargetFilter;
  readonly onChange: (filter: TargetFilter) => void;
  readonly agents: readonly AgentSummary[] | null;
  readonly sites: readonly Site[] | null;
  readonly problem: string | null;
}

/** What a row lists: any of it will do. */
export function FilterFields({ filter, onChange, agents, sites, problem }: FilterFieldsProps) {
  switch (filter.kind) {
    case 'all':
      return null;
    case 'sites':
      return <SiteChoice value={filter} onChange={onChange} sites={sites} problem={problem} />;
    case 'subnets':
      return (
        <Lines
          label="Subnets"
          hint="One a line, such as 10.1.2.0/24."
          lines={filter.subnets}
          onChange={(subnets) => onChange({ ...filter, subnets })}
          problem={problem}
        />
      );
    case 'names':
      return (
        <Lines
          label="Name patterns"
          hint="One a line: * is any run of characters, ? is one, such as PC-*. Upper and lower case are the same."
          lines={filter.patterns}
          onChange={(patterns) => onChange({ ...filter, patterns })}
          problem={problem}
        />
      );
    case 'tags':
      return <TagChoice value={filter} onChange={onChange} problem={problem} />;
    case 'agents':
      return <AgentChoice value={filter} onChange={onChange} agents={agents ?? []} problem={problem} />;
  }
}

type ChoiceProps<Kind extends TargetFilter['kind']> = {
  readonly value: Extract<TargetFilter, { kind: Kind }>;
  readonly onChange: (filter: TargetFilter) => void;
  readonly problem: string | null;
};

function SiteChoice({ value, onChange, sites, problem }: ChoiceProps<'sites'> & { sites: readonly Site[] | null }) {
  const styles = useStyles();
  if (sites !== null && sites.length === 0) return <Text>There are no sites yet. Choose subnets instead.</Text>;
  return (
    <Field {...problemOf(problem)}>
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
      <Checkbox
        label="Also the sites below them, those that come later included"
        checked={value.withChildren === true}
        onChange={(_event, data) => onChange({ ...value, withChildren: data.checked === true })}
      />
    </Field>
  );
}

function Lines(props: {
  label: string;
  hint: string;
  lines: readonly string[];
  onChange: (lines: string[]) => void;
  problem: string | null;
}) {
  const { lines } = props;
  const [text, setText] = useState(lines.join('\n'));
  // A row above was taken away: these lines are those of another row now.
  const isStale = linesOf(text).join('\n') !== lines.join('\n');
  return (
    <Field label={props.label} hint={props.hint} {...problemOf(props.problem)}>
      <Textarea
        value={isStale ? lines.join('\n') : text}
        rows={3}
        onChange={(_event, data) => {
          setText(data.value);
          props.onChange(linesOf(data.value));
        }}
      />
    </Field>
  );
}

function TagChoice({ value, onChange, problem }: ChoiceProps<'tags'>) {
  const [text, setText] = useState('');
  const known = useAnswer('tags', {}).data ?? [];
  const typed = text.trim().toLowerCase();
  const options = known
    .filter(({ tag }) => !value.tags.includes(tag) && tag.includes(typed))
    .slice(0, maxOptions)
    .map(({ tag, agents }) => ({ id: tag, label: `${tag} · ${formatQuantity(agents, 'agent')}` }));
  // A target may ask for a tag before the first computer has it.
  const isNew = tagSchema.safeParse(typed).success && !known.some(({ tag }) => tag === typed);
  if (isNew && !value.tags.includes(typed)) options.push({ id: typed, label: `${typed} · no agent has it yet` });
  return (
    <Picker
      label="Tags"
      hint="A computer with any of them. Type to search."
      chosenLabel="Chosen tags"
      text={text}
      onText={setText}
      options={options}
      chosen={value.tags.map((tag) => ({ id: tag, label: tag }))}
      onChoose={(tag) => onChange({ ...value, tags: [...value.tags, tag] })}
      onDrop={(tag) => onChange({ ...value, tags: value.tags.filter((other) => other !== tag) })}
      problem={problem}
    />
  );
}

function AgentChoice({
  value,
  onChange,
  agents,
  problem,
}: ChoiceProps<'agents'> & { agents: readonly AgentSummary[] }) {
  const [text, setText] = useState('');
  const [unknown, setUnknown] = useState<readonly string[]>([]);
  const chosenIds = new Set<string>(value.agentIds);
  const options = agents
    .filter((agent) => !chosenIds.has(agent.agentId))
    .filter((agent) => `${agent.name} ${agent.address}`.toLowerCase().includes(text.toLowerCase()))
    .slice(0, maxOptions)
    .map(({ agentId, name, address }) => ({ id: agentId as string, label: `${name} · ${address}` }));
  const names = new Map(agents.map(({ agentId, name }) => [agentId as string, name]));
  const add = (more: readonly AgentSummary[]) =>
    onChange({ ...value, agentIds: [...new Set([...value.agentIds, ...more.map(({ agentId }) => agentId)])] });
  const missing = unknown.length === 0 ? null : `Not known here: ${unknown.slice(0, 10).join(', ')}`;
  return (
    <Picker
      label="Agents"
      hint="Type a name or an address, or paste a list of them, one a line."
      chosenLabel="Chosen agents"
      text={text}
      onText={setText}
      onPaste={(lines) => {
        const { found, unknown: left } = agentsNamed(lines, agents);
        setUnknown(left);
        add(found);
      }}
      options={options}
      chosen={value.agentIds.map((id) => ({ id, label: names.get(id) ?? id.slice(0, 8) }))}
      onChoose={(id) => add(agents.filter(({ agentId }) => agentId === id))}
      onDrop={(id) => onChange({ ...value, agentIds: value.agentIds.filter((other) => other !== id) })}
      problem={missing ?? problem}
    />
  );
}

interface Choosable {
  readonly id: string;
  readonly label: string;
}

interface PickerProps {
  readonly label: string;
  readonly hint: string;
  readonly chosenLabel: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Several lines at once; one alone is typed into the field. */
  readonly onPaste?: (lines: readonly string[]) => void;
  readonly options: readonly Choosable[];
  readonly chosen: readonly Choosable[];
  readonly onChoose: (id: string) => void;
  readonly onDrop: (id: string) => void;
  readonly problem: string | null;
}

/** Chosen one after the other from what matches the text; what is chosen stands below and can be dropped. */
function Picker({ options, chosen, text, onText, problem, ...props }: PickerProps) {
  const styles = useStyles();
  return (
    <>
      <Field label={props.label} hint={props.hint} {...problemOf(problem)}>
        <Combobox
          freeform
          value={text}
          selectedOptions={[]}
          onChange={(event) => onText(event.target.value)}
          onPaste={(event) => {
            const lines = linesOf(event.clipboardData.getData('text'));
            if (lines.length < 2 || props.onPaste === undefined) return;
            event.preventDefault();
            props.onPaste(lines);
          }}
          onOptionSelect={(_event, data) => {
            if (data.optionValue !== undefined) props.onChoose(data.optionValue);
            onText('');
          }}
        >
          {options.map(({ id, label }) => (
            <Option key={id} value={id} text={label}>
              {label}
            </Option>
          ))}
        </Combobox>
      </Field>
      {chosen.length > 0 && (
        <TagGroup
          className={styles.tags}
          aria-label={props.chosenLabel}
          onDismiss={(_event, data) => props.onDrop(String(data.value))}
        >
          {chosen.slice(0, maxTags).map(({ id, label }) => (
            <Tag key={id} value={id} dismissible size="small" dismissIcon={{ 'aria-label': 'remove' }}>
              {label}
            </Tag>
          ))}
        </TagGroup>
      )}
      {chosen.length > maxTags && <Text size={200}>… and {formatQuantity(chosen.length - maxTags, 'other')}.</Text>}
    </>
  );
}
