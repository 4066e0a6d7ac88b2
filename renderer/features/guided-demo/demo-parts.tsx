import { makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { formatCopies } from '../../components/format.ts';
import { PlainTable } from '../../components/plain-table.tsx';
import type { DemoLink } from './demo-story.ts';

const useStyles = makeStyles({
  words: { margin: 0 },
  told: {
    margin: 0,
    paddingLeft: '10px',
    borderLeft: `3px solid ${tokens.colorBrandStroke1}`,
    fontVariantNumeric: 'tabular-nums',
  },
  buttons: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 16px' },
  crossing: {
    display: 'grid',
    gridTemplateColumns: 'minmax(60px, 220px) auto',
    alignItems: 'center',
    columnGap: '10px',
    justifyContent: 'start',
  },
});

/** What a step is about. */
export function Words({ children }: { children: ReactNode }) {
  return <p className={useStyles().words}>{children}</p>;
}

/** What the server tells of it now. */
export function Told({ children }: { children: ReactNode }) {
  return (
    <p className={useStyles().told} role="status">
      {children}
    </p>
  );
}

export function Buttons({ children }: { children: ReactNode }) {
  return <div className={useStyles().buttons}>{children}</div>;
}

/** How much of the package crossed each WAN link, and who has it. */
export function LinkTable({ links }: { links: readonly DemoLink[] }) {
  const styles = useStyles();
  return (
    <PlainTable
      label="What crossed the WAN links"
      columns={[{ header: 'Subnet' }, { header: 'Copies over its WAN link' }, { header: 'Agents that have it' }]}
      rows={links.map(({ subnet, name, copies, ready, agents }) => ({
        id: subnet,
        cells: [
          name,
          <span key="copies" className={styles.crossing}>
            <ProgressBar value={Math.min(1, copies)} thickness="large" aria-hidden />
            {formatCopies(copies)}
          </span>,
          `${ready} of ${agents}`,
        ],
      }))}
    />
  );
}
