import { makeStyles, Tab, TabList } from '@fluentui/react-components';
import { NotFoundPage } from '../../app/not-found-page.tsx';
import type { PageProps } from '../../app/pages.tsx';
import { usePath, useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { navigate } from '../../stores/route-store.ts';
import { FilterBar } from './filter-bar.tsx';
import { FirstDownloaders } from './first-downloaders.tsx';
import { Penetration } from './penetration.tsx';
import { Reasons } from './reasons.tsx';
import { otherReport, type ReportName, readReportAddress, reportNames, reportPath } from './report-address.ts';
import { type KnownNames, reportTitles } from './report-words.ts';
import { Savings } from './savings.tsx';
import { Traffic } from './traffic.tsx';
import type { ReportProps } from './use-report.ts';
import { WanCopies } from './wan-copies.tsx';

const useStyles = makeStyles({ tabs: { flexWrap: 'wrap', margin: '0 0 0 -12px' } });

const reports: Readonly<Record<ReportName, (props: ReportProps) => React.ReactNode>> = {
  traffic: Traffic,
  savings: Savings,
  'wan-copies': WanCopies,
  reasons: Reasons,
  'first-downloaders': FirstDownloaders,
  penetration: Penetration,
};

export function ReportsPage({ parameters }: PageProps) {
  const styles = useStyles();
  const path = usePath();
  const known: KnownNames = {
    sites: useTopic('sites') ?? [],
    packages: useTopic('packages') ?? [],
    policies: useTopic('policies') ?? [],
    agents: useTopic('agents') ?? [],
  };
  const address = readReportAddress(parameters.report ?? '', path);
  if (address === null) return <NotFoundPage path={path} />;
  const Report = reports[address.report];
  return (
    <Page
      title="Reports"
      description="Where bytes came from, over time, and why. The address of this page holds what you chose: send it to a colleague."
    >
      <TabList
        aria-label="Report"
        className={styles.tabs}
        selectedValue={address.report}
        onTabSelect={(_event, { value }) => navigate(reportPath(otherReport(address, value as ReportName)))}
      >
        {reportNames.map((name) => (
          <Tab key={name} value={name}>
            {reportTitles[name]}
          </Tab>
        ))}
      </TabList>
      <FilterBar address={address} known={known} />
      <Report key={address.report} address={address} known={known} />
    </Page>
  );
}
