import { Field, Input, makeStyles, Radio, RadioGroup } from '@fluentui/react-components';
import { useState } from 'react';
import { problemOf } from '../../components/target-editor.tsx';
import { momentOf, momentText } from './wizard-form.ts';

const useStyles = makeStyles({ moment: { width: '240px', marginLeft: '28px' } });

interface MomentFieldProps {
  readonly label: string;
  /** What holds without a moment, and with one: "At once", "Not before". */
  readonly noneLabel: string;
  readonly someLabel: string;
  readonly hint: string;
  /** Null: none. NaN: one that nobody has entered yet. */
  readonly atMs: number | null;
  readonly problem: string | undefined;
  readonly onChange: (atMs: number | null) => void;
}

/** A moment by the clock of this computer, or none. */
export function MomentField(props: MomentFieldProps) {
  const styles = useStyles();
  const { atMs, onChange } = props;
  const [text, setText] = useState(atMs === null ? '' : momentText(atMs));
  return (
    <>
      <Field label={props.label} hint={props.hint}>
        <RadioGroup
          value={atMs === null ? 'none' : 'some'}
          onChange={(_event, { value }) => onChange(value === 'none' ? null : momentOf(text))}
        >
          <Radio value="none" label={props.noneLabel} />
          <Radio value="some" label={props.someLabel} />
        </RadioGroup>
      </Field>
      {atMs !== null && (
        <Field className={styles.moment} {...problemOf(props.problem)}>
          <Input
            type="datetime-local"
            aria-label={`${props.label}: ${props.someLabel.toLowerCase()}`}
            value={text}
            onChange={(_event, { value }) => {
              setText(value);
              onChange(momentOf(value));
            }}
          />
        </Field>
      )}
    </>
  );
}
