import { Checkbox, makeStyles, Text, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  group: { margin: 0, padding: 0, border: 'none', minWidth: 0 },
  legend: { padding: '0 0 4px' },
  list: { display: 'flex', flexDirection: 'column', maxHeight: '180px', overflowY: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface CheckListProps<Id extends string> {
  readonly legend: string;
  readonly items: readonly { readonly id: Id; readonly name: string }[];
  readonly chosen: readonly Id[];
  readonly onChange: (chosen: Id[]) => void;
  readonly isDisabled?: boolean;
  /** Where there are no items. */
  readonly empty: string;
}

/** Any of a list, by check marks. */
export function CheckList<Id extends string>(props: CheckListProps<Id>) {
  const styles = useStyles();
  const { items, chosen, onChange, isDisabled = false } = props;
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{props.legend}</legend>
      <div className={styles.list}>
        {items.length === 0 && <Text className={styles.quiet}>{props.empty}</Text>}
        {items.map(({ id, name }) => (
          <Checkbox
            key={id}
            disabled={isDisabled}
            checked={chosen.includes(id)}
            label={name}
            onChange={(_event, data) => {
              const others = chosen.filter((other) => other !== id);
              onChange(data.checked === true ? [...others, id] : others);
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}
