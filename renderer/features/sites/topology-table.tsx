import { useMemo } from 'react';
import type { SiteLink } from '../../../shared/contracts/sites-api.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount } from '../../components/format.ts';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { navigate } from '../../stores/route-store.ts';
import type { SiteNode } from '../../stores/site-tree.ts';
import { bitRateWords, limitWords, shareWords } from './link-words.ts';
import { sitePath } from './site-paths.ts';

interface Row {
  readonly node: SiteNode;
  readonly above: string;
  readonly link: SiteLink | null;
}

const columns: readonly TableColumn<Row>[] = [
  {
    id: 'name',
    header: 'Site',
    value: ({ node }) => node.site.name,
    cell: ({ node }) => <RowLink path={sitePath(node.site.id)}>{node.site.name}</RowLink>,
    width: 110,
    grow: 2,
  },
  { id: 'above', header: 'Below', value: ({ above }) => above, width: 96, grow: 1 },
  { id: 'subnets', header: 'Subnets', value: ({ node }) => node.site.subnets.join(', '), width: 110, grow: 2 },
  {
    id: 'agents',
    header: 'Agents',
    value: ({ node }) => node.site.agents,
    width: 62,
    grow: 0.5,
    isNumeric: true,
  },
  {
    id: 'servers',
    header: 'Package Servers',
    value: ({ node }) => node.packageServers,
    cell: ({ node }) => formatCount(node.packageServers),
    width: 70,
    grow: 0.5,
    isNumeric: true,
  },
  ...(['in', 'out'] as const).flatMap((way): TableColumn<Row>[] => [
    {
      id: way,
      header: `Load ${way}`,
      value: ({ link }) => link?.[way].bytesPerSecond ?? null,
      cell: ({ link }) => (link === null ? '–' : bitRateWords(link[way].bytesPerSecond)),
      width: 88,
      grow: 0.5,
      isNumeric: true,
    },
    {
      id: `${way}-limit`,
      header: `Limit ${way}`,
      value: ({ link }) => link?.[way].limitBytesPerSecond ?? null,
      cell: ({ link }) => (link === null ? '–' : limitWords(link[way].limitBytesPerSecond)),
      width: 88,
      grow: 0.5,
      isNumeric: true,
    },
    {
      id: `${way}-share`,
      header: `Share ${way}`,
      value: ({ link }) => shareOf(link?.[way] ?? null),
      cell: ({ link }) => (link === null ? '–' : shareWords(link[way])),
      width: 72,
      grow: 0.5,
      isNumeric: true,
      isHiddenAtFirst: way === 'out',
    },
  ]),
];

function shareOf(link: SiteLink['in'] | null): number | null {
  const limit = link?.limitBytesPerSecond ?? null;
  return link === null || limit === null || limit === 0 ? null : link.bytesPerSecond / limit;
}

interface TopologyTableProps {
  readonly nodes: readonly SiteNode[];
  readonly links: ReadonlyMap<string, SiteLink>;
}

/** The table behind the picture. Rates are bytes per second in a CSV. */
export function TopologyTable({ nodes, links }: TopologyTableProps) {
  const rows = useMemo(() => {
    const names = new Map(nodes.map(({ site }) => [site.id, site.name]));
    return nodes.map((node): Row => {
      const { id, parentId } = node.site;
      const above = parentId === null ? 'Notification Server' : (names.get(parentId) ?? 'Notification Server');
      return { node, above, link: links.get(id) ?? null };
    });
  }, [nodes, links]);
  return (
    <DataTable
      label="Sites and their WAN links"
      noun="site"
      columns={columns}
      rows={rows}
      rowId={({ node }) => node.site.id}
      sortedBy={{ id: 'name' }}
      onOpen={({ node }) => navigate(sitePath(node.site.id))}
      isFilling
      empty="There is no site yet."
    />
  );
}
