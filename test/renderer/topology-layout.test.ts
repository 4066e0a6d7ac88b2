import { describe, expect, it } from 'vitest';
import {
  linkWidthPx,
  type PlacedNode,
  serverId,
  topologyLayout,
} from '../../renderer/features/sites/topology-layout.ts';
import { siteNodes } from '../../renderer/stores/site-tree.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';

function site(id: string, parentId: string | null = null): Site {
  return { id, name: id, parentId, agents: 1, subnets: [] as string[] } as Site;
}

const asAtFirst = { opened: new Map<string, boolean>(), whole: new Set<string>() };
const idsOf = (nodes: readonly PlacedNode[]) => nodes.map(({ id }) => id);

/** 17 regions and 263 branches, as in an organisation of 280 sites. */
const many = siteNodes(
  Array.from({ length: 280 }, (_, index) => (index < 17 ? site(`R${index}`) : site(`B${index}`, `R${index % 17}`))),
  [],
  [],
);

function overlaps(a: PlacedNode, b: PlacedNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function overlapping(nodes: readonly PlacedNode[]): string[] {
  return nodes.flatMap((a, index) =>
    nodes.slice(index + 1).flatMap((b) => (overlaps(a, b) ? [`${a.id} over ${b.id}`] : [])),
  );
}

describe('a few sites', () => {
  const { nodes, links, width } = topologyLayout(
    siteNodes([site('Europe'), site('Berlin', 'Europe'), site('Oslo', 'Europe'), site('Asia')], [], []),
    asAtFirst,
  );

  it('stand in the order of the tree, a column for each level, with a link from what is above', () => {
    expect(idsOf(nodes)).toEqual([serverId, 'Asia', 'Europe', 'Berlin', 'Oslo']);
    const columns = new Map(nodes.map(({ id, x }) => [id, x]));
    expect(columns.get('Asia')).toBe(columns.get('Europe'));
    expect(columns.get('Berlin')).toBeGreaterThan(columns.get('Europe') ?? 0);
    expect(links.map(({ id }) => id)).toEqual(['Asia', 'Europe', 'Berlin', 'Oslo']);
    const berlin = links.find(({ id }) => id === 'Berlin');
    const europe = nodes.find(({ id }) => id === 'Europe');
    expect(berlin?.fromX).toBe((europe?.x ?? 0) + (europe?.width ?? 0));
    expect(overlapping(nodes)).toEqual([]);
  });

  it('fit the width of a small screen', () => {
    expect(width).toBeLessThanOrEqual(920);
  });

  it('have what is above in the middle of what is below', () => {
    const middle = (id: string) =>
      nodes.filter((node) => node.id === id).map(({ y, height }) => y + height / 2)[0] ?? 0;
    expect(middle('Europe')).toBe((middle('Berlin') + middle('Oslo')) / 2);
  });
});

describe('many sites', () => {
  it('are closed at first, and tell what they hide', () => {
    const { nodes, height } = topologyLayout(many, asAtFirst);
    expect(nodes).toHaveLength(18);
    expect(height).toBeLessThan(1500);
    const hidden = nodes.flatMap(({ what }) => (what.kind === 'site' ? [what.hidden.length] : []));
    expect(hidden.reduce((sum, count) => sum + count, 0)).toBe(263);
  });

  it('open where a person opens them, and nowhere else', () => {
    const opened = new Map([['R3', true]]);
    const { nodes, links } = topologyLayout(many, { ...asAtFirst, opened });
    const below = many.filter((node) => node.site.parentId === 'R3').length;
    expect(nodes).toHaveLength(18 + below);
    expect(links).toHaveLength(17 + below);
    expect(overlapping(nodes)).toEqual([]);
  });

  it('do not overlap when all are open', () => {
    const opened = new Map(many.map((node) => [node.site.id, true]));
    const { nodes } = topologyLayout(many, { ...asAtFirst, opened });
    expect(nodes).toHaveLength(281);
    expect(overlapping(nodes)).toEqual([]);
  });

  it('side by side are behind a button that tells how many, until all are wanted', () => {
    const flat = siteNodes(
      Array.from({ length: 280 }, (_, index) => site(`Branch ${index}`)),
      [],
      [],
    );
    const { nodes } = topologyLayout(flat, asAtFirst);
    expect(nodes).toHaveLength(1 + 24);
    const last = nodes.at(-1)?.what;
    expect(last?.kind === 'more' && last.hidden.length).toBe(280 - 23);
    const all = topologyLayout(flat, { ...asAtFirst, whole: new Set([serverId]) });
    expect(all.nodes).toHaveLength(281);
  });
});

it('draws the server alone where there is no site', () => {
  expect(idsOf(topologyLayout([], asAtFirst).nodes)).toEqual([serverId]);
});

describe('the width of a link', () => {
  it('grows with the share of what it may carry, and stays within its bounds', () => {
    const widths = [0, 1, 500_000, 1_000_000, 5_000_000].map((bytes) => linkWidthPx(bytes, 1_000_000));
    expect(widths).toEqual([1.5, expect.closeTo(2.5, 3), 6.25, 10, 10]);
  });

  it('grows with the rate where nothing limits it', () => {
    const widths = [1000, 1_000_000, 1_000_000_000].map((bytes) => linkWidthPx(bytes, null));
    expect(widths).toEqual([2.5, 6.25, 10]);
  });
});
