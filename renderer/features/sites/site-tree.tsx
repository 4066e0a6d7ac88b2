// biome-ignore-all lint/a11y/useFocusableInteractive: the tree has the focus and names the active item (aria-activedescendant).
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree handles the keys of all items.
// biome-ignore-all lint/a11y/noStaticElementInteractions: the sign that opens an item is for the mouse; keys open it by arrows.
import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular, ServerRegular } from '@fluentui/react-icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { formatCount, formatQuantity } from '../../components/format.ts';
import { navigate } from '../../stores/route-store.ts';
import { matchingNodes, type SiteNode, visibleNodes } from '../../stores/site-tree.ts';
import { sitePath } from './site-paths.ts';

const rowHeightPx = 32;
const indentPx = 16;

const useStyles = makeStyles({
  scroll: {
    flexGrow: 1,
    height: 0,
    overflowY: 'auto',
    padding: '4px 6px',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  inner: { position: 'relative' },
  item: {
    position: 'absolute',
    left: 0,
    width: '100%',
    boxSizing: 'border-box',
    height: `${rowHeightPx}px`,
    display: 'flex',
    alignItems: 'center',
    columnGap: '4px',
    paddingRight: '8px',
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  selected: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    fontWeight: tokens.fontWeightSemibold,
    '@media (forced-colors: active)': { outline: '2px solid Highlight', outlineOffset: '-2px' },
  },
  active: { outline: `1px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-1px' },
  twist: { flexShrink: 0, width: '20px', height: '20px', display: 'grid', placeItems: 'center' },
  name: { flexGrow: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  mark: { flexShrink: 0, color: tokens.colorBrandForeground1 },
  /** For screen readers, where the figures beside a name say nothing. */
  spoken: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  count: {
    flexShrink: 0,
    minWidth: '44px',
    textAlign: 'right',
    color: tokens.colorNeutralForeground2,
    fontVariantNumeric: 'tabular-nums',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
  },
  nothing: { display: 'block', padding: '12px', color: tokens.colorNeutralForeground2 },
});

interface SiteTreeProps {
  readonly nodes: readonly SiteNode[];
  readonly filter: string;
  readonly selectedId: string;
}

/** Sites below each other. Arrows move, open and close, Enter chooses; only what is on the screen is drawn. */
export function SiteTree({ nodes, filter, selectedId }: SiteTreeProps) {
  const styles = useStyles();
  const treeId = useId();
  const scroll = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [activeId, setActiveId] = useState(selectedId);
  const [hasFocus, setHasFocus] = useState(false);
  const isFiltered = filter.trim() !== '';
  // A filter finds what lies below a closed site, too.
  const shown = useMemo(
    () => (isFiltered ? matchingNodes(nodes, filter) : visibleNodes(nodes, closed)),
    [nodes, filter, isFiltered, closed],
  );
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeightPx,
    overscan: 12,
  });
  const indexOf = (id: string) => shown.findIndex(({ site }) => site.id === id);
  const activeIndex = Math.max(0, indexOf(activeId));
  useEffect(() => setActiveId(selectedId), [selectedId]);

  const setOpen = (id: string, isOpen: boolean) =>
    setClosed((current) =>
      isOpen ? new Set([...current].filter((other) => other !== id)) : new Set([...current, id]),
    );
  const moveTo = (index: number) => {
    const at = Math.max(0, Math.min(shown.length - 1, index));
    const node = shown[at];
    if (node === undefined) return;
    setActiveId(node.site.id);
    virtualizer.scrollToIndex(at);
  };
  const handleKey = (event: KeyboardEvent) => {
    const node = shown[activeIndex];
    if (node === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOpen = node.hasChildren && !closed.has(node.site.id);
    const actions: Record<string, () => void> = {
      ArrowDown: () => moveTo(activeIndex + 1),
      ArrowUp: () => moveTo(activeIndex - 1),
      PageDown: () => moveTo(activeIndex + 15),
      PageUp: () => moveTo(activeIndex - 15),
      Home: () => moveTo(0),
      End: () => moveTo(shown.length - 1),
      ArrowRight: () => {
        if (isOpen) moveTo(activeIndex + 1);
        else if (node.hasChildren) setOpen(node.site.id, true);
      },
      ArrowLeft: () => {
        if (isOpen && !isFiltered) setOpen(node.site.id, false);
        else if (node.site.parentId !== null) moveTo(indexOf(node.site.parentId));
      },
      Enter: () => navigate(sitePath(node.site.id)),
      ' ': () => navigate(sitePath(node.site.id)),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  const active = shown[activeIndex];
  return (
    <div
      ref={scroll}
      role="tree"
      aria-label="Sites"
      tabIndex={0}
      className={styles.scroll}
      aria-activedescendant={active === undefined ? undefined : `${treeId}-${active.site.id}`}
      onKeyDown={handleKey}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
    >
      {shown.length === 0 && (
        <Text size={200} className={styles.nothing}>
          No site has these words in its name or subnets.
        </Text>
      )}
      <div className={styles.inner} style={{ height: `${virtualizer.getTotalSize()}px` }} role="none">
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const node = shown[index];
          if (node === undefined) return null;
          const { site, depth, hasChildren, packageServers } = node;
          const isOpen = isFiltered || !closed.has(site.id);
          return (
            <div
              key={site.id}
              id={`${treeId}-${site.id}`}
              role="treeitem"
              aria-level={depth + 1}
              aria-selected={site.id === selectedId}
              aria-expanded={hasChildren ? isOpen : undefined}
              title={site.name}
              className={mergeClasses(
                styles.item,
                site.id === selectedId && styles.selected,
                hasFocus && site.id === active?.site.id && styles.active,
              )}
              style={{ transform: `translateY(${start}px)`, paddingLeft: `${4 + depth * indentPx}px` }}
              onClick={() => {
                setActiveId(site.id);
                navigate(sitePath(site.id));
              }}
            >
              <span
                className={styles.twist}
                onClick={(event) => {
                  if (!hasChildren || isFiltered) return;
                  event.stopPropagation();
                  setOpen(site.id, !isOpen);
                }}
              >
                {hasChildren && (isOpen ? <ChevronDownRegular aria-hidden /> : <ChevronRightRegular aria-hidden />)}
              </span>
              <span className={styles.spoken}>{nodeWords(node)}</span>
              <span className={styles.name} aria-hidden>
                {site.name}
              </span>
              {packageServers > 0 && (
                <ServerRegular
                  className={styles.mark}
                  aria-hidden
                  title={formatQuantity(packageServers, 'Package Server')}
                />
              )}
              <span className={styles.count} aria-hidden title="Agents online of all, with those of the sites below">
                {formatCount(node.online)} / {formatCount(node.agents)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function nodeWords({ site, online, agents, packageServers }: SiteNode): string {
  const servers = packageServers === 0 ? '' : `, ${formatQuantity(packageServers, 'Package Server')}`;
  return `${site.name}, ${formatCount(online)} of ${formatQuantity(agents, 'agent')} online${servers}`;
}
