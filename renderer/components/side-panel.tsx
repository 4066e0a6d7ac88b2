import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  panel: {
    flexShrink: 0,
    width: 'min(440px, 45%)',
    minHeight: 0,
    display: 'flex',
    flexDirection: 'column',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  top: { display: 'flex', alignItems: 'center', columnGap: '8px', padding: '10px 8px 6px 16px' },
  title: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  body: { flexGrow: 1, minHeight: 0, overflowY: 'auto', padding: '4px 16px 16px' },
  footer: { padding: '12px 16px', borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
});

interface SidePanelProps {
  readonly title: string;
  readonly footer?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** One row of a list beside the list. Escape closes it. */
export function SidePanel({ title, footer, onClose, children }: SidePanelProps) {
  const styles = useStyles();
  return (
    <aside
      className={styles.panel}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <div className={styles.top}>
        <h2 className={styles.title}>{title}</h2>
        <Button appearance="subtle" aria-label={`Close ${title}`} icon={<DismissRegular />} onClick={onClose} />
      </div>
      <div className={styles.body}>{children}</div>
      {footer !== undefined && footer !== false && <div className={styles.footer}>{footer}</div>}
    </aside>
  );
}
