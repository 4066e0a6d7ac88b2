import { Input, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';

const useStyles = makeStyles({
  number: { width: '152px', '& input': { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } },
  unit: { color: tokens.colorNeutralForeground2, minWidth: '30px' },
});

/** What a person has typed, as a number; NaN where it is none, which the contract's schema refuses with its sentence. */
function numberOfText(text: string): number {
  const typed = text.trim().replace(',', '.');
  return /^-?\d+(\.\d+)?$/.test(typed) ? Number(typed) : Number.NaN;
}

interface NumberInputProps {
  /** NaN while what is typed is no number. */
  readonly number: number;
  readonly unit: string;
  readonly isInvalid: boolean;
  readonly onChange: (number: number) => void;
  readonly onBlur?: () => void;
  readonly className?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-labelledby'?: string;
  readonly 'aria-describedby'?: string;
}

export function NumberInput({ number, unit, isInvalid, onChange, className, ...rest }: NumberInputProps) {
  const styles = useStyles();
  const [text, setText] = useState(Number.isNaN(number) ? '' : String(number));
  // Reset, or a newer version from the server: the field follows, but never while it holds what the person means.
  const isStale = !Number.isNaN(number) && numberOfText(text) !== number;
  return (
    <Input
      {...rest}
      className={mergeClasses(styles.number, className)}
      value={isStale ? String(number) : text}
      inputMode="numeric"
      autoComplete="off"
      aria-invalid={isInvalid}
      contentAfter={
        <Text size={200} className={styles.unit}>
          {unit}
        </Text>
      }
      onChange={(_event, data) => {
        setText(data.value);
        onChange(numberOfText(data.value));
      }}
    />
  );
}
