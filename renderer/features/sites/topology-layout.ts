import type { SiteNode } from '../../stores/site-tree.ts';

/** What stands in the picture, and where; pixels from the top left. */
export interface PlacedNode {
  readonly what:
    | { readonly kind: 'server' }
    | { readonly kind: 'site'; readonly node: SiteNode; readonly isOpen: boolean; readonly hidden: readonly SiteNode[] }
    /** The siblings that are one too many. */
    | { readonly kind: 'more'; readonly parentId: string; readonly hidden: readonly SiteNode[] };
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The WAN link of a site, from the right of what stands above it to the left of the site. */
export interface PlacedLink {
  /** Of the node that it leads to. */
  readonly id: string;
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
}

export interface TopologyLayout {
  readonly nodes: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
  readonly width: number;
  readonly height: number;
}

export interface TopologyChoices {
  /** What a person opened (true) or closed; all others are as `openAtFirst` says. */
  readonly opened: ReadonlyMap<string, boolean>;
  /** Whose sites below are all shown, however many; `serverId` for those at the top. */
  readonly whole: ReadonlySet<string>;
}

export const serverId = 'server';
export const nodeWidthPx = 212;
const serverWidthPx = 132;
const nodeHeightPx = 68;
const moreHeightPx = 36;
const rowGapPx = 12;
/** The bend of a link, and the straight part that its figures stand on. */
export const bendPx = 36;
export const straightPx = 140;
/** More sites than fit a few screens are closed at first. */
const openedAtFirst = 40;
/** More siblings than that are behind a button. */
const siblingsAtFirst = 24;
/** What stands above is in the middle of what is below it, unless that is taller than a screen. */
const tallPx = 520;

interface Branch {
  readonly node: SiteNode;
  readonly children: Branch[];
}

/** The server on the left, the sites to its right by their place in the tree, each level a column. */
export function topologyLayout(nodes: readonly SiteNode[], { opened, whole }: TopologyChoices): TopologyLayout {
  const top = branchesOf(nodes);
  const atFirst = openAtFirst(top);
  const placed: PlacedNode[] = [];
  const links: PlacedLink[] = [];
  let nextY = 0;

  /** Places what is below, from the next free line on; the middles of the first and the last. */
  const placeBelow = (id: string, branches: readonly Branch[], column: number): readonly [number, number] => {
    const all = whole.has(id) || branches.length <= siblingsAtFirst;
    const shown = all ? branches : branches.slice(0, siblingsAtFirst - 1);
    const middles = shown.map((branch) => placeSite(branch, column));
    if (!all) {
      const hidden = branches.slice(shown.length).flatMap(flattened);
      const size = { width: nodeWidthPx, height: moreHeightPx };
      placed.push({
        what: { kind: 'more', parentId: id, hidden },
        id: `more ${id}`,
        x: columnX(column),
        y: nextY,
        ...size,
      });
      middles.push(nextY + moreHeightPx / 2);
      nextY += moreHeightPx + rowGapPx;
    }
    return [middles[0] ?? 0, middles.at(-1) ?? 0];
  };

  const placeSite = ({ node, children }: Branch, column: number): number => {
    const { id } = node.site;
    const isOpen = children.length > 0 && (opened.get(id) ?? atFirst.has(id));
    const at = placed.length;
    const firstY = nextY;
    const inner = isOpen ? placeBelow(id, children, column + 1) : null;
    const y = inner === null ? firstY : above(inner, nodeHeightPx, firstY);
    nextY = Math.max(nextY, y + nodeHeightPx + rowGapPx);
    const hidden = isOpen ? [] : children.flatMap(flattened);
    const size = { width: nodeWidthPx, height: nodeHeightPx };
    // Before what is below it: the order in which a person reads and tabs.
    placed.splice(at, 0, { what: { kind: 'site', node, isOpen, hidden }, id, x: columnX(column), y, ...size });
    return y + nodeHeightPx / 2;
  };

  const ends = placeBelow(serverId, top, 1);
  const serverY = top.length === 0 ? 0 : above(ends, nodeHeightPx, 0);
  const server = { width: serverWidthPx, height: nodeHeightPx };
  placed.unshift({ what: { kind: 'server' }, id: serverId, x: 0, y: serverY, ...server });

  const byId = new Map(placed.map((node) => [node.id, node]));
  for (const node of placed) {
    const parent = byId.get(parentIdOf(node) ?? '');
    if (parent === undefined) continue;
    links.push({
      id: node.id,
      fromX: parent.x + parent.width,
      fromY: parent.y + parent.height / 2,
      toX: node.x,
      toY: node.y + node.height / 2,
    });
  }
  return {
    nodes: placed,
    links,
    width: Math.max(...placed.map(({ x, width }) => x + width)),
    height: Math.max(...placed.map(({ y, height }) => y + height)),
  };

  function parentIdOf({ what }: PlacedNode): string | null {
    if (what.kind === 'server') return null;
    if (what.kind === 'more') return what.parentId;
    const { parentId } = what.node.site;
    return parentId !== null && byId.has(parentId) ? parentId : serverId;
  }
}

/** How wide a link is drawn: by how much of what it may carry it does, by its rate alone where nothing limits it. */
export function linkWidthPx(bytesPerSecond: number, limitBytesPerSecond: number | null): number {
  if (bytesPerSecond <= 0) return 1.5;
  // 100 kbit/s are a thread and 1 Gbit/s is a rope.
  const share =
    limitBytesPerSecond === null
      ? (Math.log10(bytesPerSecond) - 4) / 4
      : bytesPerSecond / Math.max(1, limitBytesPerSecond);
  return 2.5 + 7.5 * Math.min(1, Math.max(0, share));
}

function columnX(column: number): number {
  return serverWidthPx + (bendPx + straightPx) * column + nodeWidthPx * (column - 1);
}

function above([first, last]: readonly [number, number], heightPx: number, leastY: number): number {
  const middle = last - first > tallPx ? first : (first + last) / 2;
  return Math.max(leastY, middle - heightPx / 2);
}

/** Nodes come as `siteNodes` gives them: each after what is above it. */
function branchesOf(nodes: readonly SiteNode[]): readonly Branch[] {
  const top: Branch[] = [];
  const line: Branch[] = [];
  for (const node of nodes) {
    const branch = { node, children: [] };
    line.length = node.depth;
    (line.at(-1)?.children ?? top).push(branch);
    line.push(branch);
  }
  return top;
}

function flattened({ node, children }: Branch): SiteNode[] {
  return [node, ...children.flatMap(flattened)];
}

/** Level by level, as long as not too many sites are shown. */
function openAtFirst(top: readonly Branch[]): ReadonlySet<string> {
  const open = new Set<string>();
  let shown = Math.min(top.length, siblingsAtFirst);
  let level = top;
  while (level.length > 0) {
    const below = level.flatMap(({ children }) => children);
    shown += below.length;
    if (shown > openedAtFirst) break;
    for (const { node, children } of level) if (children.length > 0) open.add(node.site.id);
    level = below;
  }
  return open;
}
