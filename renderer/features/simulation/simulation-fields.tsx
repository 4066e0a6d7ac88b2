import { Field, Input, makeStyles, Radio, RadioGroup, Select } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { GeneratedOrganisation } from '../../../shared/contracts/simulation.ts';
import { faultProfiles, onlineHoursKinds, packageServerPlacements } from '../../../shared/contracts/simulation.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import type { KnownPolicy, SimulationForm } from './simulation-form.ts';
import { standardPolicyName } from './simulation-form.ts';
import { faultWords, hoursWords, placementWords } from './simulation-words.ts';

const useStyles = makeStyles({
  fields: { display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: '10px 16px' },
  wide: { gridColumn: '1 / -1' },
  // An input is as wide as its usual text by itself, and overflows.
  number: { width: '100%', minWidth: 0, '& input': { width: '100%', minWidth: 0 } },
  // A list is as wide as its longest choice by itself.
  choice: { width: '100%', minWidth: 0, '& select': { width: '100%', minWidth: 0 } },
});

interface FieldsProps {
  readonly form: SimulationForm;
  readonly policies: readonly KnownPolicy[];
  readonly problems: ReadonlyMap<string, string>;
  /** What the server knows, in a word or two: `12 sites`. */
  readonly serverWords: string;
  readonly onChange: (change: Partial<SimulationForm>) => void;
}

export function SimulationFields({ form, policies, problems, serverWords, onChange }: FieldsProps) {
  const styles = useStyles();
  return (
    <div className={styles.fields}>
      <Field label="Policy" className={styles.wide}>
        <PolicySelect value={form.policyId} policies={policies} onChange={(policyId) => onChange({ policyId })} />
      </Field>
      <Field label="Compare with" className={styles.wide}>
        <PolicySelect
          value={form.otherPolicyId ?? 'nothing'}
          policies={policies}
          hasNothing
          onChange={(id) => onChange({ otherPolicyId: id === 'nothing' ? null : id })}
        />
      </Field>
      <Field label="Organisation" className={styles.wide}>
        <RadioGroup
          value={form.kind}
          onChange={(_event, data) => onChange({ kind: data.value === 'server' ? 'server' : 'generated' })}
        >
          <Radio value="server" label={`The sites of this server (${serverWords})`} />
          <Radio value="generated" label="A generated one" />
        </RadioGroup>
      </Field>
      <OrganisationFields {...{ form, problems, onChange }} />
      <NumberField
        label="Package size"
        unit="MiB"
        number={form.packageMebibytes}
        problem={problems.get('packageMebibytes')}
        onChange={(packageMebibytes) => onChange({ packageMebibytes })}
      />
      <Choice
        label="Priority"
        value={form.priority}
        choices={{ background: 'Background', normal: 'Normal', emergency: 'Emergency' }}
        order={['background', 'normal', 'emergency']}
        onChange={(priority) => onChange({ priority })}
      />
      <Choice
        label="Faults"
        value={form.faults}
        choices={faultWords}
        order={faultProfiles}
        onChange={(faults) => onChange({ faults })}
        isWide
      />
      <NumberField
        label="Seed"
        unit=""
        number={form.seed}
        problem={problems.get('seed')}
        onChange={(seed) => onChange({ seed })}
      />
      <NumberField
        label="Time allowed"
        unit="h"
        number={form.maxVirtualHours}
        problem={problems.get('maxVirtualHours')}
        onChange={(maxVirtualHours) => onChange({ maxVirtualHours })}
      />
      <Choice
        label="How much is simulated"
        value={String(form.maximumWallSeconds ?? 'all')}
        choices={{
          '10': 'A sample, in about 10 seconds',
          '60': 'A sample, in about a minute',
          all: 'Everything, as long as it takes',
        }}
        order={['10', '60', 'all']}
        onChange={(value) => onChange({ maximumWallSeconds: value === 'all' ? null : Number(value) })}
        isWide
      />
    </div>
  );
}

function OrganisationFields({ form, problems, onChange }: Pick<FieldsProps, 'form' | 'problems' | 'onChange'>) {
  const styles = useStyles();
  const { generated } = form;
  const set = (change: Partial<GeneratedOrganisation>) => onChange({ generated: { ...generated, ...change } });
  const number = (key: NumberKey, label: string, unit: string): ReactNode => (
    <NumberField
      key={key}
      label={label}
      unit={unit}
      number={generated[key]}
      problem={problems.get(key)}
      onChange={(value) => set({ [key]: value })}
    />
  );
  return (
    <>
      {form.kind === 'generated' && (
        <>
          {number('agents', 'Agents', '')}
          {number('sites', 'Sites', '')}
          {number('regions', 'Of these, regions', '')}
          {number('lanKilobitsPerSecond', 'LAN of a computer', 'kbit/s')}
          <Choice
            label="Package Servers"
            value={generated.packageServers}
            choices={placementWords}
            order={packageServerPlacements}
            problem={problems.get('packageServers')}
            onChange={(packageServers) => set({ packageServers })}
            isWide
          />
          {number('branchKilobitsPerSecond', 'Link of a branch', 'kbit/s')}
          {number('regionKilobitsPerSecond', 'Link of a region', 'kbit/s')}
          <Field
            className={styles.wide}
            label="Time zones, hours from UTC"
            {...problemOf(problems.get('utcOffsetsMinutes'))}
          >
            <Input value={form.zones} onChange={(_event, data) => onChange({ zones: data.value })} />
          </Field>
        </>
      )}
      {form.kind === 'server' && number('lanKilobitsPerSecond', 'LAN of a computer', 'kbit/s')}
      <Choice
        label="Computers are on"
        value={generated.onlineHours}
        choices={hoursWords}
        order={onlineHoursKinds}
        onChange={(onlineHours) => set({ onlineHours })}
      />
      {generated.onlineHours === 'office' && number('laptopPercent', 'Laptops', '%')}
    </>
  );
}

type NumberKey = {
  [Key in keyof GeneratedOrganisation]: GeneratedOrganisation[Key] extends number ? Key : never;
}[keyof GeneratedOrganisation];

interface NumberFieldProps {
  readonly label: string;
  readonly unit: string;
  readonly number: number;
  readonly problem: string | undefined;
  readonly onChange: (number: number) => void;
}

export function NumberField({ label, unit, number, problem, onChange }: NumberFieldProps) {
  const styles = useStyles();
  return (
    <Field label={label} {...problemOf(problem)}>
      <NumberInput
        className={styles.number}
        number={number}
        unit={unit}
        isInvalid={problem !== undefined}
        onChange={onChange}
      />
    </Field>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: { readonly [Key in Value]: string };
  readonly order: readonly Value[];
  readonly problem?: string | undefined;
  readonly onChange: (value: Value) => void;
  readonly isWide?: boolean;
}

function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, value, choices, order, problem, onChange } = props;
  const styles = useStyles();
  return (
    <Field label={label} {...problemOf(problem)} {...(props.isWide === true ? { className: styles.wide } : {})}>
      <Select
        className={styles.choice}
        value={value}
        onChange={(_event, data) => onChange(order.find((choice) => choice === data.value) ?? value)}
      >
        {order.map((choice) => (
          <option key={choice} value={choice}>
            {choices[choice]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface PolicySelectProps {
  readonly value: string;
  readonly policies: readonly KnownPolicy[];
  readonly hasNothing?: boolean;
  readonly onChange: (id: string) => void;
}

function PolicySelect({ value, policies, hasNothing = false, onChange }: PolicySelectProps) {
  return (
    <Select value={value} onChange={(_event, data) => onChange(data.value)}>
      {hasNothing && <option value="nothing">Nothing</option>}
      {policies.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      <option value="">{standardPolicyName}</option>
    </Select>
  );
}
