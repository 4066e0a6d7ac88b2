import { Button, makeStyles, SearchBox, Text, tokens } from '@fluentui/react-components';
import { TableRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import type { SiteLink } from '../../../shared/contracts/sites-api.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { matchingNodes, type SiteNode } from '../../stores/site-tree.ts';
import { topologyLayout } from './topology-layout.ts';
import { TopologyPicture } from './topology-picture.tsx';
import { TopologyTable } from './topology-table.tsx';

const refreshMs = 2000;

const useStyles = makeStyles({
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px 12px' },
  words: { flexGrow: 1, color: tokens.colorNeutralForeground2 },
  frame: {
    flexGrow: 1,
    minHeight: 0,
    display: 'flex',
    flexDirection: 'column',
    rowGap: '8px',
  },
});

interface TopologyProps {
  readonly nodes: readonly SiteNode[];
  readonly packageServers: readonly PackageServer[];
}

/** Server, sites and the WAN links between them, with what each link carries now: as a picture, and as the table behind it. */
export function Topology({ nodes, packageServers }: TopologyProps) {
  const styles = useStyles();
  const links = useAnswer('siteLinks', {}, { everyMs: refreshMs });
  const [filter, setFilter] = useState('');
  const [isTable, setIsTable] = useState(false);
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const linkBySite = useMemo(() => new Map((links.data ?? []).map((link) => [link.siteId, link])), [links.data]);
  const layout = useMemo(
    () => topologyLayout(matchingNodes(nodes, filter), { opened, whole }),
    [nodes, filter, opened, whole],
  );
  if (nodes.length === 0) {
    return (
      <EmptyState title="There is no site yet">
        Without sites nothing limits downloads, and there are no WAN links to draw. Choose Tree to add sites, or to make
        them of the subnets that agents are in.
      </EmptyState>
    );
  }
  return (
    <section className={styles.frame} aria-label="Topology">
      <div className={styles.tools}>
        <Text className={styles.words}>{sentenceOf(nodes, links.data)}</Text>
        {!isTable && (
          <SearchBox
            aria-label="Find sites"
            placeholder="Find sites"
            value={filter}
            onChange={(_event, { value }) => setFilter(value)}
          />
        )}
        <Button icon={<TableRegular />} onClick={() => setIsTable(!isTable)}>
          {isTable ? 'Show picture' : 'Show table'}
        </Button>
      </div>
      <AnswerView answer={links} label="Reading the load of the links">
        {() =>
          isTable ? (
            <TopologyTable nodes={nodes} links={linkBySite} />
          ) : (
            <TopologyPicture
              layout={layout}
              links={linkBySite}
              packageServers={packageServers}
              onOpen={(id, isOpen) => setOpened(new Map([...opened, [id, isOpen]]))}
              onWhole={(id) => setWhole(new Set([...whole, id]))}
            />
          )
        }
      </AnswerView>
    </section>
  );
}

function sentenceOf(nodes: readonly SiteNode[], links: readonly SiteLink[] | null): string {
  const sites = formatQuantity(nodes.length, 'site');
  if (links === null) return sites;
  const busy = links.filter((link) => link.in.bytesPerSecond > 0 || link.out.bytesPerSecond > 0).length;
  return busy === 0
    ? `${sites}; no WAN link carries anything now.`
    : `${sites}; ${formatQuantity(busy, 'WAN link carries', 'WAN links carry')} something now.`;
}
