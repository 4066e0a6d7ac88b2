import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import { DeliveryProgress } from '../../components/delivery-progress.tsx';
import { formatShare } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Section } from '../../components/page.tsx';
import { packagePath } from '../packages/package-paths.ts';

const shownPackages = 6;

const useStyles = makeStyles({
  list: {
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(380px, 1fr))',
    gap: '10px 32px',
  },
  line: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 56px 200px', columnGap: '12px', alignItems: 'center' },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  share: { textAlign: 'right', fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** How many of those who should have a package have it: the newest packages that are delivered. */
export function PenetrationSection() {
  const styles = useStyles();
  const packages = useTopic('packages');
  if (packages === null) return null;
  const delivered = newestDelivered(packages);
  return (
    <Section
      title="Penetration"
      hint={
        delivered.length === shownPackages
          ? `The ${shownPackages} newest packages that are delivered.`
          : 'How many of the agents that should have a package are ready.'
      }
      actions={<Link href="#/reports/penetration">Over time</Link>}
    >
      {delivered.length === 0 ? (
        <Text className={styles.quiet}>No package is being delivered.</Text>
      ) : (
        <ul className={styles.list}>
          {delivered.map((entry) => (
            <li key={entry.key} className={styles.line}>
              <Link
                className={styles.name}
                href={`#${packagePath(entry.guid, entry.version)}`}
                title={`${entry.name} ${entry.version}`}
              >
                {entry.name} {entry.version}
              </Link>
              <span className={styles.share}>{formatShare(entry.ready, entry.assigned)}</span>
              <DeliveryProgress counts={{ ...entry, agents: entry.assigned }} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function newestDelivered(packages: readonly PackageSummary[]): PackageSummary[] {
  return packages
    .filter(({ assigned, withdrawn }) => assigned > 0 && !withdrawn)
    .sort((a, b) => b.createdAtMs - a.createdAtMs)
    .slice(0, shownPackages);
}
