import { Checkbox, makeStyles, Select, Switch, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import type { SettingDescriptor } from '../../../shared/contracts/setting-descriptors.ts';
import type { AgentSettingKey, AgentSettings } from '../../../shared/contracts/settings.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { linesOf } from '../../components/target-editor.tsx';
import { BlockoutPeriodsControl, ThrottlingPeriodsControl } from './period-controls.tsx';

type SettingValue = AgentSettings[AgentSettingKey];

const useStyles = makeStyles({
  choice: { minWidth: '152px' },
  switch: { marginLeft: '-8px' },
  list: { width: '100%' },
  conditions: { margin: 0, padding: 0, border: 'none', display: 'flex', flexDirection: 'column' },
});

interface ControlProps {
  readonly descriptor: SettingDescriptor;
  readonly value: SettingValue;
  readonly onChange: (value: unknown) => void;
  readonly onBlur: () => void;
  /** Of the label and of the texts below, for screen readers. */
  readonly labelId: string;
  readonly describedBy: string;
  readonly isInvalid: boolean;
  /** Of the parts of a list, by their place in it, e.g. `0.from`. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The control that the descriptor of a setting asks for. */
export function SettingControl(props: ControlProps) {
  const { descriptor, value } = props;
  const { control } = descriptor;
  switch (control.kind) {
    case 'switch':
      return <SwitchControl {...props} />;
    case 'unavailable':
      return <SwitchControl {...props} isDisabled />;
    case 'conditions':
      return <ConditionsControl {...props} options={control.options} />;
    case 'choice':
      return <ChoiceControl {...props} options={control.options} />;
    case 'cidr-list':
      return <ListControl {...props} />;
    case 'throttling-periods':
      return <ThrottlingPeriodsControl {...props} periods={value as AgentSettings['throttlingPeriods']} />;
    case 'blockout-periods':
      return <BlockoutPeriodsControl {...props} periods={value as AgentSettings['blockouts']} />;
    case 'integer':
    case 'decimal':
      return (
        <NumberInput
          number={Number(value)}
          unit={control.unit}
          isInvalid={props.isInvalid}
          onChange={props.onChange}
          onBlur={props.onBlur}
          aria-labelledby={props.labelId}
          aria-describedby={props.describedBy}
        />
      );
  }
}

interface Option {
  readonly value: string;
  readonly label: string;
}

function SwitchControl(props: ControlProps & { isDisabled?: boolean }) {
  const { value, onChange, onBlur, labelId, describedBy } = props;
  const styles = useStyles();
  return (
    <Switch
      className={styles.switch}
      checked={value === true}
      disabled={props.isDisabled === true}
      label={value === true ? 'On' : 'Off'}
      aria-labelledby={labelId}
      aria-describedby={describedBy}
      onChange={(_event, data) => onChange(data.checked)}
      onBlur={onBlur}
    />
  );
}

function ListControl({ value, onChange, onBlur, labelId, describedBy, isInvalid }: ControlProps) {
  const styles = useStyles();
  const lines = textsOf(value);
  const [text, setText] = useState(lines.join('\n'));
  const isStale = linesOf(text).join('\n') !== lines.join('\n');
  return (
    <Textarea
      className={styles.list}
      value={isStale ? lines.join('\n') : text}
      rows={3}
      placeholder="10.1.2.0/24, one a line"
      aria-labelledby={labelId}
      aria-describedby={describedBy}
      aria-invalid={isInvalid}
      onChange={(_event, data) => {
        setText(data.value);
        onChange(linesOf(data.value));
      }}
      onBlur={onBlur}
    />
  );
}

function textsOf(value: SettingValue): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function ChoiceControl(props: ControlProps & { options: readonly Option[] }) {
  const styles = useStyles();
  return (
    <Select
      className={styles.choice}
      value={String(props.value)}
      aria-labelledby={props.labelId}
      aria-describedby={props.describedBy}
      onChange={(_event, data) => props.onChange(data.value)}
      onBlur={props.onBlur}
    >
      {props.options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </Select>
  );
}

function ConditionsControl(props: ControlProps & { options: readonly Option[] }) {
  const styles = useStyles();
  const chosen = textsOf(props.value);
  return (
    <fieldset className={styles.conditions} aria-labelledby={props.labelId} aria-describedby={props.describedBy}>
      {props.options.map((option) => (
        <Checkbox
          key={option.value}
          label={option.label}
          checked={chosen.includes(option.value)}
          onChange={(_event, data) =>
            // In the order of the options, so that switching back and forth is no change.
            props.onChange(
              props.options
                .map(({ value }) => value)
                .filter((value) => (value === option.value ? data.checked === true : chosen.includes(value))),
            )
          }
          onBlur={props.onBlur}
        />
      ))}
    </fieldset>
  );
}
