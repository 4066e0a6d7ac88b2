import { makeStyles } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  content: { flexGrow: 1, minHeight: 0, display: 'flex', columnGap: '16px' },
  list: { flexGrow: 1, minWidth: 0, display: 'flex', flexDirection: 'column', rowGap: '8px' },
});

/** A list that fills the page, and beside it the `SidePanel` of the row that is open. */
export function ListWithPanel({ children, panel }: { children: ReactNode; panel?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.content}>
      <div className={styles.list}>{children}</div>
      {panel}
    </div>
  );
}
