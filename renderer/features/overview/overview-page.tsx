import { Link, makeStyles } from '@fluentui/react-components';
import { lazy, Suspense } from 'react';
import type { Overview } from '../../../shared/contracts/console-api.ts';
import type { SavingsReport } from '../../../shared/contracts/reports-api.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatBytes, formatCount, formatShare } from '../../components/format.ts';
import { useNowMs, useTopic } from '../../components/hooks.ts';
import { JoinCommand } from '../../components/join-command.tsx';
import { Page, Section } from '../../components/page.tsx';
import { dayMs, hourMs } from '../../components/report-time.ts';
import { Tile, Tiles } from '../../components/tiles.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { FirstRun, useIsFirstRun } from '../first-run/first-run.tsx';
import { AlertsSection } from './alerts-section.tsx';
import { DirectReasons } from './direct-reasons.tsx';
import { PenetrationSection } from './penetration-section.tsx';
import { WanCopiesTable } from './wan-copies-table.tsx';

/** Apart from the page: the chart library is the largest part of the console. */
const TrafficSection = lazy(async () => ({ default: (await import('./traffic-section.tsx')).TrafficSection }));

const savedDays = 28;
const savingsRefreshMs = 30_000;

const useStyles = makeStyles({
  lower: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 7fr) minmax(0, 4fr)',
    gap: '16px',
    alignItems: 'start',
    '@media (max-width: 1100px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
});

export function OverviewPage() {
  const overview = useTopic('overview');
  const isFirstRun = useIsFirstRun();
  const isReady = overview !== null && isFirstRun !== null;
  // Somebody may have enrolled or imported since it was asked.
  if (isReady && isFirstRun && overview.agents === 0 && overview.packages === 0) return <FirstRun />;
  return (
    <Page title="Overview" description="What crosses the WAN links, and what the computers hand to each other.">
      {isReady ? <OverviewContent overview={overview} /> : <Waiting label="Waiting for the first figures" />}
    </Page>
  );
}

function OverviewContent({ overview }: { overview: Overview }) {
  const styles = useStyles();
  return (
    <>
      <Figures overview={overview} />
      <AlertsSection />
      <NextStep overview={overview} />
      <Suspense
        fallback={
          <Section title="Direct and peer traffic">
            <Waiting label="Opening the chart" />
          </Section>
        }
      >
        <TrafficSection overview={overview} />
      </Suspense>
      {overview.packages > 0 && <PenetrationSection />}
      <div className={styles.lower}>
        <WanCopiesTable rows={overview.wanCopies} />
        <DirectReasons reasons={overview.directReasons} />
      </div>
    </>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const bytes = overview.directBytes + overview.peerBytes;
  const savings = useSavings();
  return (
    <Tiles>
      <Tile
        label="Agents online"
        value={formatCount(overview.agentsOnline)}
        detail={`of ${formatCount(overview.agents)} enrolled`}
        path="/agents"
      />
      <Tile
        label="Peer share"
        value={formatShare(overview.peerBytes, bytes)}
        detail={bytes === 0 ? 'nothing delivered yet' : `of ${formatBytes(bytes)} delivered`}
        path="/reports/traffic"
      />
      <Tile
        label="Saved on WAN links"
        value={savings === null ? '…' : formatBytes(savings.savedBytes)}
        detail={savings === null ? 'reading' : `of ${formatBytes(savings.wouldCrossBytes)} in ${savedDays} days`}
        path="/reports/savings?range=28d"
      />
      <Tile label="Direct" value={formatBytes(overview.directBytes)} detail="sent by servers" path="/reports/reasons" />
      <Tile label="Packages" value={formatCount(overview.packages)} detail="in the library" path="/packages" />
    </Tiles>
  );
}

/** What peers and Package Servers spared the links, in whole hours: within one the question stays the same. */
function useSavings(): SavingsReport['total'] | null {
  const fromMs = Math.floor(useNowMs() / hourMs) * hourMs - savedDays * dayMs;
  const answer = useAnswer('savingsReport', { query: { fromMs: String(fromMs) } }, { everyMs: savingsRefreshMs });
  return answer.data?.total ?? null;
}

/** An empty console says what to do next; one that works says nothing. */
function NextStep({ overview }: { overview: Overview }) {
  if (overview.agents === 0) {
    return (
      <Section title="Next step">
        <EmptyState title="No agent has enrolled yet" titleAs="h3" action={<JoinCommand />}>
          Run one command on each computer. It appears here as soon as it has enrolled.
        </EmptyState>
      </Section>
    );
  }
  if (overview.packages === 0) {
    return (
      <Section title="Next step">
        <EmptyState
          title="The library has no package yet"
          titleAs="h3"
          action={<Link href="#/packages">Import a package</Link>}
        >
          Import a file or a folder, then deliver it to a target. This page shows how it spreads.
        </EmptyState>
      </Section>
    );
  }
  return null;
}
