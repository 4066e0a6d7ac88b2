import { Button, makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components';
import { AddRegular, DeleteRegular, EditRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { useMay } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { lineage, type SiteNode } from '../../stores/site-tree.ts';
import { DeleteSiteDialog } from './delete-site-dialog.tsx';
import { HoursTab } from './hours-tab.tsx';
import { SiteDetails } from './site-details.tsx';
import { SiteDialog } from './site-dialog.tsx';
import { type SiteTab, sitePath, siteTabs } from './site-paths.ts';

const tabWords: Record<SiteTab, string> = {
  details: 'Details',
  'hours-in': 'Hours of the link in',
  'hours-out': 'Hours of the link out',
};

const useStyles = makeStyles({
  panel: { minWidth: 0, minHeight: 0, display: 'flex', flexDirection: 'column' },
  top: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '8px', padding: '12px 16px 0' },
  names: { flexGrow: 1, minWidth: '160px', display: 'flex', flexDirection: 'column', rowGap: '2px' },
  name: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  above: { color: tokens.colorNeutralForeground2 },
  tabs: { padding: '0 6px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  body: { flexGrow: 1, minHeight: 0, overflowY: 'auto', padding: '16px' },
});

interface SitePanelProps {
  readonly node: SiteNode;
  readonly sites: readonly Site[];
  readonly agents: readonly AgentSummary[];
  readonly packageServers: readonly PackageServer[];
  readonly tab: string;
}

/** The chosen site beside the tree. */
export function SitePanel({ node, sites, agents, packageServers, tab: wanted }: SitePanelProps) {
  const styles = useStyles();
  const { site } = node;
  const tab = siteTabs.find((candidate) => candidate === wanted) ?? 'details';
  const [dialog, setDialog] = useState<'none' | 'edit' | 'add' | 'delete'>('none');
  const close = () => setDialog('none');
  const mayCreate = useMay('createSite');
  const mayUpdate = useMay('updateSite');
  const mayDelete = useMay('deleteSite');
  const above = lineage(sites, site).slice(0, -1);
  return (
    <section className={styles.panel} aria-label={site.name}>
      <div className={styles.top}>
        <div className={styles.names}>
          <h2 className={styles.name}>{site.name}</h2>
          <Text size={200} className={styles.above}>
            {above.length === 0 ? 'At the top' : `Below ${above.map(({ name }) => name).join(' › ')}`}
          </Text>
        </div>
        {mayUpdate && (
          <Button icon={<EditRegular />} onClick={() => setDialog('edit')}>
            Edit or move
          </Button>
        )}
        {mayCreate && (
          <Button icon={<AddRegular />} onClick={() => setDialog('add')}>
            Add below
          </Button>
        )}
        {mayDelete && (
          <Button icon={<DeleteRegular />} onClick={() => setDialog('delete')}>
            Delete
          </Button>
        )}
      </div>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_event, { value }) => {
          const next = siteTabs.find((candidate) => candidate === value);
          if (next !== undefined) navigate(sitePath(site.id, next));
        }}
      >
        {siteTabs.map((id) => (
          <Tab key={id} value={id}>
            {tabWords[id]}
          </Tab>
        ))}
      </TabList>
      <div className={styles.body}>
        {tab === 'details' && <SiteDetails node={node} sites={sites} agents={agents} packageServers={packageServers} />}
        {tab === 'hours-in' && <HoursTab key="in" site={site} direction="in" />}
        {tab === 'hours-out' && <HoursTab key="out" site={site} direction="out" />}
      </div>
      {dialog === 'edit' && <SiteDialog sites={sites} site={site} onClose={close} />}
      {dialog === 'add' && <SiteDialog sites={sites} site={null} parentId={site.id} onClose={close} />}
      {dialog === 'delete' && <DeleteSiteDialog sites={sites} site={site} onClose={close} />}
    </section>
  );
}
