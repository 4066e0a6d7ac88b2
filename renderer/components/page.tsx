import { makeStyles, mergeClasses, Text, Title3, tokens } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';

const useStyles = makeStyles({
  page: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: '16px',
    padding: '20px 12px 24px 24px',
    boxSizing: 'border-box',
  },
  full: { height: '100%', minHeight: '480px' },
  top: { display: 'flex', alignItems: 'flex-start', flexWrap: 'wrap', gap: '8px 16px' },
  titles: { flexGrow: 1, minWidth: 0, display: 'flex', flexDirection: 'column', rowGap: '2px' },
  title: { margin: 0, overflowWrap: 'anywhere' },
  description: { color: tokens.colorNeutralForeground2 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

interface PageProps {
  readonly title: string;
  readonly above?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** Fills the window: for a page whose table scrolls by itself. */
  readonly isFull?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, above, description, actions, isFull = false, children }: PageProps) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} – Fanout`;
  }, [title]);
  return (
    <div className={mergeClasses(styles.page, isFull && styles.full)}>
      <div>
        {above}
        <div className={styles.top}>
          <div className={styles.titles}>
            <Title3 as="h1" className={styles.title}>
              {title}
            </Title3>
            {description !== undefined && <Text className={styles.description}>{description}</Text>}
          </div>
          {actions !== undefined && <div className={styles.actions}>{actions}</div>}
        </div>
      </div>
      {children}
    </div>
  );
}

const useSectionStyles = makeStyles({
  section: {
    minWidth: 0,
    display: 'flex',
    flexDirection: 'column',
    rowGap: '8px',
    padding: '14px 16px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  top: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '4px 12px', minHeight: '28px' },
  heading: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  hint: { color: tokens.colorNeutralForeground2 },
});

interface SectionProps {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Section({ title, hint, actions, className, children }: SectionProps) {
  const styles = useSectionStyles();
  return (
    <section className={mergeClasses(styles.section, className)} aria-label={title}>
      <div>
        <div className={styles.top}>
          <h2 className={styles.heading}>{title}</h2>
          {actions}
        </div>
        {hint !== undefined && (
          <Text size={200} className={styles.hint}>
            {hint}
          </Text>
        )}
      </div>
      {children}
    </section>
  );
}
