import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMemo } from 'react';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatCount } from '../../components/format.ts';
import { Section } from '../../components/page.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { OnlineMark } from '../../components/state-mark.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { agentsBySubnet, type SiteNode, type SubnetAgents } from '../../stores/site-tree.ts';
import { hoursWords, linkWords } from './hours-words.ts';
import { locationTypeWords } from './site-form.ts';
import { sitePath } from './site-paths.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', rowGap: '16px' },
  servers: { listStyle: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '6px' },
  server: { display: 'flex', flexWrap: 'wrap', columnGap: '12px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const subnetColumns: readonly TableColumn<SubnetAgents>[] = [
  { id: 'subnet', header: 'Subnet', value: (row) => row.subnet, width: 140, grow: 2 },
  { id: 'online', header: 'Agents online', value: (row) => row.online, width: 100, grow: 1, isNumeric: true },
  { id: 'agents', header: 'Agents', value: (row) => row.agents, width: 80, grow: 1, isNumeric: true },
];

interface SiteDetailsProps {
  readonly node: SiteNode;
  readonly sites: readonly Site[];
  readonly agents: readonly AgentSummary[];
  readonly packageServers: readonly PackageServer[];
}

export function SiteDetails({ node, sites, agents, packageServers }: SiteDetailsProps) {
  const styles = useStyles();
  const { site } = node;
  const here = useMemo(() => agents.filter(({ siteName }) => siteName === site.name), [agents, site.name]);
  const subnets = useMemo(() => agentsBySubnet(site.subnets, here), [site.subnets, here]);
  const servers = packageServers.filter(({ servesSiteId }) => servesSiteId === site.id);
  const children = sites.filter(({ parentId }) => parentId === site.id);
  const online = here.filter((agent) => agent.online).length;
  return (
    <div className={styles.body}>
      <Facts
        facts={[
          ['Agents online', `${formatCount(online)} of ${formatCount(site.agents)}`],
          ['With the sites below', `${formatCount(node.online)} of ${formatCount(node.agents)}`],
          ['WAN link in', linkWords(site.wanKilobitsPerSecond)],
          ['WAN link out', linkWords(site.wanOutKilobitsPerSecond)],
          ['Hours of the link in', hoursWords(site.acquisitionSchedule)],
          ['Hours of the link out', hoursWords(site.distributionSchedule)],
          ['Location type', locationTypeWords[site.locationType]],
          ['Subnets are one LAN', site.sharesLan ? 'Yes' : 'No'],
          ['Time zone', site.timeZone],
          [
            'Last changed',
            <>
              <RelativeTime atMs={site.updatedAtMs} /> {site.updatedBy !== '' && `by ${site.updatedBy}`}, version{' '}
              {site.version}
            </>,
          ],
        ]}
      />
      <Section title="Subnets">
        <DataTable
          label={`Subnets of ${site.name}`}
          noun="subnet"
          columns={subnetColumns}
          rows={subnets}
          rowId={({ subnet }) => subnet}
          sortedBy={{ id: 'subnet' }}
          hasTools={subnets.length > 10}
          maxHeightPx={320}
          empty="This site has no subnets: no agent belongs to it."
        />
      </Section>
      <Section title="Package Servers">
        {servers.length === 0 ? (
          <Text className={styles.quiet}>
            None serves this site. Its first downloaders take packages from the next site above that has one, or from
            the Notification Server.
          </Text>
        ) : (
          <ul className={styles.servers}>
            {servers.map(({ agentId, name, online: isOnline, enabled }) => (
              <li key={agentId} className={styles.server}>
                <Link href={`#/package-servers/${agentId}`}>{name}</Link>
                {enabled ? <OnlineMark isOnline={isOnline} /> : <Text className={styles.quiet}>Switched off</Text>}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {children.length > 0 && (
        <Section title="Sites below">
          <ul className={styles.servers}>
            {children.map(({ id, name }) => (
              <li key={id}>
                <Link href={`#${sitePath(id)}`}>{name}</Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}
