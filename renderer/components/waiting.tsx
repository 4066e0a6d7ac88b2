import { makeStyles, Spinner } from '@fluentui/react-components';

const useStyles = makeStyles({ waiting: { padding: '48px', display: 'grid', placeItems: 'center' } });

export function Waiting({ label }: { label: string }) {
  return (
    <div className={useStyles().waiting}>
      <Spinner size="small" label={label} />
    </div>
  );
}
