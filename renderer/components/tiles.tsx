import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  tiles: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(168px, 1fr))', gap: '12px', margin: 0 },
  tile: {
    position: 'relative',
    display: 'flex',
    flexDirection: 'column',
    rowGap: '2px',
    padding: '12px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    minWidth: 0,
  },
  label: { order: 0, fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  value: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
  },
  detail: { margin: 0, fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  link: {
    color: 'inherit',
    textDecorationLine: 'none',
    '::after': { content: '""', position: 'absolute', inset: 0 },
    ':hover': { textDecorationLine: 'underline' },
  },
});

export function Tiles({ children }: { children: ReactNode }) {
  return <dl className={useStyles().tiles}>{children}</dl>;
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  /** Page that tells more. */
  readonly path?: string;
}

export function Tile({ label, value, detail, path }: TileProps) {
  const styles = useStyles();
  return (
    <div className={styles.tile}>
      <dt className={styles.label}>
        {path === undefined ? (
          label
        ) : (
          <a href={`#${path}`} className={styles.link}>
            {label}
          </a>
        )}
      </dt>
      <dd className={styles.value}>{value}</dd>
      <dd className={styles.detail}>{detail}</dd>
    </div>
  );
}
