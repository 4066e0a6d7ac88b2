import { Button, makeStyles, SearchBox, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { AddRegular, ArrowDownloadRegular, ArrowUploadRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import { callConsole, messageOf } from '../../api/console-client.ts';
import type { PageProps } from '../../app/pages.tsx';
import { saveTextFile } from '../../components/csv.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { siteNodes } from '../../stores/site-tree.ts';
import { ImportSitesDialog } from './import-sites-dialog.tsx';
import { SiteDialog } from './site-dialog.tsx';
import { SitePanel } from './site-panel.tsx';
import { topologyId, unassignedId } from './site-paths.ts';
import { SiteTree } from './site-tree.tsx';
import { Topology } from './topology.tsx';
import { UnassignedLink, UnassignedPanel } from './unassigned-panel.tsx';

const refreshMs = 5000;

const useStyles = makeStyles({
  views: { margin: '-8px 0 -8px -10px' },
  columns: {
    flexGrow: 1,
    minHeight: 0,
    display: 'grid',
    gridTemplateColumns: 'minmax(220px, 270px) minmax(0, 1fr)',
    gridTemplateRows: 'minmax(0, 1fr)',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    overflow: 'hidden',
  },
  left: {
    minHeight: 0,
    display: 'flex',
    flexDirection: 'column',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  tools: { display: 'flex', flexDirection: 'column', rowGap: '4px', padding: '8px 10px 4px' },
  search: { width: '100%', minWidth: 0 },
  count: { color: tokens.colorNeutralForeground2 },
});

export function SitesPage({ parameters }: PageProps) {
  const styles = useStyles();
  const sites = useTopic('sites');
  const agents = useTopic('agents');
  const packageServers = useAnswer('packageServers', {}, { everyMs: refreshMs });
  const unassigned = useAnswer('unassignedSubnets', {}, { everyMs: refreshMs });
  const mayCreate = useMay('createSite');
  const mayImport = useMay('importSites');
  const [filter, setFilter] = useState('');
  const [dialog, setDialog] = useState<'none' | 'add' | 'import'>('none');
  const nodes = useMemo(
    () => siteNodes(sites ?? [], agents ?? [], packageServers.data ?? []),
    [sites, agents, packageServers.data],
  );
  const wanted = parameters.siteId ?? '';
  const isTopology = wanted === topologyId;
  const isUnassigned = wanted === unassignedId || (wanted === '' && nodes.length === 0);
  const selected = wanted === '' ? nodes[0] : nodes.find(({ site }) => site.id === wanted);
  const add = (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setDialog('add')}>
      Add site
    </Button>
  );
  return (
    <Page
      title="Sites"
      description="The places of the organisation: their subnets, WAN links, hours and place in the tree."
      isFull
      actions={
        <>
          {mayCreate && add}
          {mayImport && (
            <Button icon={<ArrowUploadRegular />} onClick={() => setDialog('import')}>
              Import CSV
            </Button>
          )}
          <Button icon={<ArrowDownloadRegular />} onClick={() => void exportSites()}>
            Export CSV
          </Button>
        </>
      }
    >
      <TabList
        className={styles.views}
        selectedValue={isTopology ? topologyId : 'tree'}
        onTabSelect={(_event, { value }) => navigate(value === topologyId ? `/sites/${topologyId}` : '/sites')}
      >
        <Tab value="tree">Tree</Tab>
        <Tab value={topologyId}>Topology</Tab>
      </TabList>
      {sites === null || agents === null ? (
        <Waiting label="Waiting for the sites" />
      ) : isTopology ? (
        <Topology nodes={nodes} packageServers={packageServers.data ?? []} />
      ) : (
        <div className={styles.columns}>
          <div className={styles.left}>
            <div className={styles.tools}>
              <SearchBox
                className={styles.search}
                aria-label="Filter sites"
                placeholder="Filter"
                value={filter}
                onChange={(_event, { value }) => setFilter(value)}
              />
              <Text size={200} className={styles.count}>
                {formatQuantity(sites.length, 'site')} · agents online / all
              </Text>
            </div>
            <SiteTree nodes={nodes} filter={filter} selectedId={selected?.site.id ?? ''} />
            <UnassignedLink answer={unassigned} isCurrent={isUnassigned} />
          </div>
          {isUnassigned ? (
            <UnassignedPanel answer={unassigned} sites={sites} />
          ) : selected === undefined ? (
            <EmptyState title="There is no such site">
              Somebody may have deleted it, or the link is cut short. Choose another one on the left.
            </EmptyState>
          ) : (
            <SitePanel
              key={selected.site.id}
              node={selected}
              sites={sites}
              agents={agents}
              packageServers={packageServers.data ?? []}
              tab={parameters.tab ?? ''}
            />
          )}
        </div>
      )}
      {dialog === 'add' && <SiteDialog sites={sites ?? []} site={null} onClose={() => setDialog('none')} />}
      {dialog === 'import' && <ImportSitesDialog onClose={() => setDialog('none')} />}
    </Page>
  );
}

async function exportSites(): Promise<void> {
  try {
    const { csv } = await callConsole('exportSites', {});
    saveTextFile('sites.csv', csv);
  } catch (error) {
    notify('error', messageOf(error));
  }
}
