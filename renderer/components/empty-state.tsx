import { makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  empty: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    textAlign: 'center',
    rowGap: '8px',
    maxWidth: '520px',
    margin: '0 auto',
    padding: '24px',
  },
  title: { margin: 0 },
  body: {
    textAlign: 'center',
    '& code': { whiteSpace: 'nowrap' },
    color: tokens.colorNeutralForeground2,
    overflowWrap: 'anywhere',
  },
  action: { marginTop: '8px' },
});

interface EmptyStateProps {
  readonly title: string;
  readonly titleAs?: 'h1' | 'h2' | 'h3';
  readonly children: ReactNode;
  /** What to do next. */
  readonly action?: ReactNode;
}

export function EmptyState({ title, titleAs = 'h2', children, action }: EmptyStateProps) {
  const styles = useStyles();
  return (
    <div className={styles.empty}>
      <Subtitle2 as={titleAs} className={styles.title}>
        {title}
      </Subtitle2>
      <Text className={styles.body}>{children}</Text>
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
