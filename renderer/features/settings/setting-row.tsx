import { Badge, Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { ArrowResetRegular, ErrorCircleFilled, WarningFilled } from '@fluentui/react-icons';
import { useId, useRef } from 'react';
import { useController, useFormContext } from 'react-hook-form';
import type { SettingDescriptor } from '../../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { narrow } from '../../app/layout.ts';
import type { PolicyFormValues } from './policy-form.ts';
import { SettingControl } from './setting-controls.tsx';
import { settingValueWords } from './setting-words.ts';

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 640px) 300px',
    columnGap: '24px',
    padding: '12px 16px',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    ':first-of-type': { borderTop: 'none' },
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)', rowGap: '8px' },
  },
  /** The control has the whole width, under the meaning. */
  wide: { gridTemplateColumns: 'minmax(0, 964px)', rowGap: '8px' },
  wrong: { backgroundColor: tokens.colorStatusDangerBackground1 },
  label: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: '8px',
    fontWeight: tokens.fontWeightSemibold,
  },
  meaning: { display: 'block', marginTop: '2px', color: tokens.colorNeutralForeground2 },
  side: { minWidth: 0 },
  controls: { display: 'flex', alignItems: 'flex-start', columnGap: '8px', minHeight: '32px' },
  under: { display: 'flex', alignItems: 'center', minHeight: '24px', color: tokens.colorNeutralForeground3 },
  reset: { minWidth: 0, padding: '0 4px', marginLeft: '4px', fontWeight: tokens.fontWeightRegular },
  message: {
    display: 'flex',
    columnGap: '6px',
    marginTop: '4px',
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    '& svg': { flexShrink: 0, fontSize: '14px', marginTop: '1px' },
  },
  problem: { color: tokens.colorStatusDangerForeground1 },
  warning: { color: tokens.colorStatusWarningForeground3 },
});

interface SettingRowProps {
  readonly descriptor: SettingDescriptor;
  readonly problem: string | undefined;
  /** Of the parts of a list, by their place in it, e.g. `0.from`. */
  readonly itemProblems: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/** One setting: what it is and means on the left; its control, default and messages on the right. */
export function SettingRow({ descriptor, problem, itemProblems, warnings }: SettingRowProps) {
  const styles = useStyles();
  const id = useId();
  const controls = useRef<HTMLDivElement>(null);
  const { control } = useFormContext<PolicyFormValues>();
  const { field } = useController({ control, name: `settings.${descriptor.key}` });
  const standard = defaultAgentSettings[descriptor.key];
  const isStandard = JSON.stringify(field.value) === JSON.stringify(standard);
  const isWrong = problem !== undefined || itemProblems.size > 0;
  return (
    <div
      className={mergeClasses(styles.row, isWide(descriptor) && styles.wide, isWrong && styles.wrong)}
      data-setting={descriptor.key}
    >
      <div>
        <Text id={`${id}-label`} className={styles.label}>
          {descriptor.label}
          {descriptor.effect === 'stored' && descriptor.control.kind !== 'unavailable' && (
            <Badge appearance="outline" color="informative" size="small">
              Takes effect with a later version
            </Badge>
          )}
        </Text>
        <Text id={`${id}-meaning`} size={200} className={styles.meaning}>
          {descriptor.meaning}
        </Text>
      </div>
      <div className={styles.side}>
        <div ref={controls} className={styles.controls}>
          <SettingControl
            descriptor={descriptor}
            value={field.value as never}
            onChange={field.onChange}
            onBlur={field.onBlur}
            labelId={`${id}-label`}
            describedBy={`${id}-messages ${id}-meaning`}
            isInvalid={problem !== undefined}
            problems={itemProblems}
          />
        </div>
        <Text size={200} className={styles.under}>
          {isStandard ? (
            defaultNote(descriptor)
          ) : (
            <>
              Default: {settingValueWords(descriptor, standard)}
              <Button
                appearance="transparent"
                size="small"
                className={styles.reset}
                icon={<ArrowResetRegular />}
                onClick={() => {
                  field.onChange(standard);
                  // This button goes with what it did: who pressed it stays at the setting.
                  controls.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
                }}
                aria-label={`Reset ${descriptor.label} to its default`}
              >
                Reset
              </Button>
            </>
          )}
        </Text>
        <div id={`${id}-messages`} role="status">
          {problem !== undefined && (
            <div className={mergeClasses(styles.message, styles.problem)}>
              <ErrorCircleFilled aria-hidden />
              <span>{problem}</span>
            </div>
          )}
          {!isWrong &&
            warnings.map((warning) => (
              <div key={warning} className={mergeClasses(styles.message, styles.warning)}>
                <WarningFilled aria-hidden />
                <span>{warning}</span>
              </div>
            ))}
        </div>
      </div>
    </div>
  );
}

function isWide({ control }: SettingDescriptor): boolean {
  return control.kind === 'throttling-periods' || control.kind === 'blockout-periods';
}

function defaultNote(descriptor: SettingDescriptor): string {
  const { control } = descriptor;
  return control.kind === 'unavailable' ? control.reason : `Default${rangeWords(descriptor)}`;
}

function rangeWords({ control, key }: SettingDescriptor): string {
  if (control.kind !== 'integer' && control.kind !== 'decimal') return '';
  const number = (value: number) => (key === 'port' ? String(value) : value.toLocaleString('en-US'));
  const zero = control.kind === 'integer' && control.zeroMeans !== undefined ? `, 0 = ${control.zeroMeans}` : '';
  return ` · ${number(control.minimum)}–${number(control.maximum)}${zero}`;
}
