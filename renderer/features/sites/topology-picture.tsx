import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { BuildingRegular, ChevronLeftRegular, ChevronRightRegular, ServerRegular } from '@fluentui/react-icons';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import type { SiteLink } from '../../../shared/contracts/sites-api.ts';
import { formatCount, formatQuantity } from '../../components/format.ts';
import type { SiteNode } from '../../stores/site-tree.ts';
import { loadWords } from './link-words.ts';
import { sitePath } from './site-paths.ts';
import {
  bendPx,
  linkWidthPx,
  type PlacedLink,
  type PlacedNode,
  straightPx,
  type TopologyLayout,
} from './topology-layout.ts';

const useStyles = makeStyles({
  scroll: {
    flexGrow: 1,
    minHeight: 0,
    overflow: 'auto',
    padding: '16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  picture: { position: 'relative' },
  list: { listStyle: 'none', margin: 0, padding: 0 },
  lines: { position: 'absolute', inset: 0, pointerEvents: 'none' },
  idle: { fill: 'none', stroke: tokens.colorNeutralStroke1 },
  busy: { fill: 'none', stroke: tokens.colorBrandStroke1 },
  node: {
    position: 'absolute',
    boxSizing: 'border-box',
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'center',
    padding: '4px 10px',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    fontSize: tokens.fontSizeBase200,
    lineHeight: '18px',
  },
  parent: { paddingRight: '64px' },
  abbreviation: { textDecorationLine: 'none' },
  line: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  quiet: { color: tokens.colorNeutralForeground2 },
  name: { display: 'flex', alignItems: 'center', columnGap: '6px', fontSize: tokens.fontSizeBase300 },
  link: {
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
  mark: { flexShrink: 0, color: tokens.colorBrandForeground1 },
  server: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase300, lineHeight: '18px' },
  figures: {
    position: 'absolute',
    textAlign: 'center',
    fontSize: tokens.fontSizeBase200,
    lineHeight: '16px',
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
    color: tokens.colorNeutralForeground2,
  },
  busyFigures: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  twist: {
    position: 'absolute',
    right: '6px',
    top: '50%',
    transform: 'translateY(-50%)',
    display: 'inline-flex',
    alignItems: 'center',
    columnGap: '2px',
    height: '28px',
    padding: '0 6px',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    font: 'inherit',
    fontVariantNumeric: 'tabular-nums',
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  more: {
    border: 'none',
    background: 'none',
    padding: 0,
    font: 'inherit',
    textAlign: 'left',
    color: tokens.colorBrandForegroundLink,
    cursor: 'pointer',
    ':hover': { textDecorationLine: 'underline' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
});

interface TopologyPictureProps {
  readonly layout: TopologyLayout;
  readonly links: ReadonlyMap<string, SiteLink>;
  readonly packageServers: readonly PackageServer[];
  readonly onOpen: (siteId: string, isOpen: boolean) => void;
  /** All sites below this one are wanted, however many. */
  readonly onWhole: (id: string) => void;
}

/** What has a place has it from the layout; what a line says is said in words beside it. */
export function TopologyPicture({ layout, links, packageServers, onOpen, onWhole }: TopologyPictureProps) {
  const styles = useStyles();
  const { width, height } = layout;
  const isBusy = (id: string) => {
    const link = links.get(id);
    return link !== undefined && (link.in.bytesPerSecond > 0 || link.out.bytesPerSecond > 0);
  };
  return (
    <div className={styles.scroll}>
      <div className={styles.picture} style={{ width, height }}>
        <svg className={styles.lines} width={width} height={height} aria-hidden="true">
          {layout.links.map((link) => (
            <path key={link.id} d={bendOf(link)} className={styles.idle} strokeWidth={1.5} />
          ))}
          {layout.links.map(({ id, toX, toY }) => (
            <path
              key={id}
              d={`M ${toX - straightPx} ${toY} H ${toX}`}
              className={isBusy(id) ? styles.busy : styles.idle}
              strokeWidth={widthOf(links.get(id))}
              {...(links.get(id)?.in.limitBytesPerSecond === 0 ? { strokeDasharray: '3 5' } : {})}
            />
          ))}
        </svg>
        <ul className={styles.list} aria-label="Sites and their WAN links">
          {layout.nodes.map((placed) => {
            const { what, id } = placed;
            const box = { left: placed.x, top: placed.y, width: placed.width, height: placed.height };
            if (what.kind === 'server') {
              return (
                <li key={id} className={styles.node} style={box}>
                  <span className={styles.server}>Notification Server</span>
                </li>
              );
            }
            if (what.kind === 'more') {
              return (
                <li key={id} className={styles.node} style={box}>
                  <button type="button" className={styles.more} onClick={() => onWhole(what.parentId)}>
                    Show {formatQuantity(what.hidden.length, 'more site')}
                    {busyWords(what.hidden, isBusy)}
                  </button>
                </li>
              );
            }
            return (
              <SiteItem
                key={id}
                placed={placed}
                node={what.node}
                isOpen={what.isOpen}
                hidden={what.hidden}
                hiddenWords={busyWords(what.hidden, isBusy)}
                link={links.get(id)}
                servers={packageServers.filter(({ servesSiteId }) => servesSiteId === id)}
                onOpen={onOpen}
              />
            );
          })}
        </ul>
      </div>
    </div>
  );
}

interface SiteItemProps {
  readonly placed: PlacedNode;
  readonly node: SiteNode;
  readonly isOpen: boolean;
  readonly hidden: readonly SiteNode[];
  readonly hiddenWords: string;
  readonly link: SiteLink | undefined;
  readonly servers: readonly PackageServer[];
  readonly onOpen: (siteId: string, isOpen: boolean) => void;
}

function SiteItem({ placed, node, isOpen, hidden, hiddenWords, link, servers, onOpen }: SiteItemProps) {
  const styles = useStyles();
  const { site, hasChildren } = node;
  const box = { left: placed.x, top: placed.y, width: placed.width, height: placed.height };
  const figures = { left: -straightPx, width: straightPx };
  const subnets = site.subnets.length === 0 ? 'No subnet' : site.subnets.join(', ');
  return (
    <li className={mergeClasses(styles.node, hasChildren && styles.parent)} style={box}>
      <span className={styles.name}>
        {servers.length > 0 ? (
          <ServerRegular className={styles.mark} aria-hidden />
        ) : (
          <BuildingRegular className={styles.quiet} aria-hidden />
        )}
        <a href={`#${sitePath(site.id)}`} className={styles.link} title={site.name}>
          {site.name}
        </a>
      </span>
      <span className={mergeClasses(styles.line, styles.quiet)} title={subnets}>
        {subnets}
      </span>
      <span className={styles.line}>
        {formatCount(node.online)} of {formatQuantity(node.agents, 'agent')} online
        {servers.length > 0 && (
          <>
            , {servers.length > 1 && `${servers.length} `}
            <abbr
              title={servers.map(({ name }) => `Package Server ${name}`).join(', ')}
              className={styles.abbreviation}
            >
              PS
            </abbr>
          </>
        )}
      </span>
      {link !== undefined && (
        <>
          <span
            className={mergeClasses(styles.figures, link.in.bytesPerSecond > 0 && styles.busyFigures)}
            style={{ ...figures, bottom: 'calc(50% + 6px)' }}
          >
            <span title="Into the site">in: {loadWords(link.in)}</span>
          </span>
          {(link.out.bytesPerSecond > 0 || link.out.limitBytesPerSecond !== null) && (
            <span
              className={mergeClasses(styles.figures, link.out.bytesPerSecond > 0 && styles.busyFigures)}
              style={{ ...figures, top: 'calc(50% + 6px)' }}
            >
              <span title="Out of the site">out: {loadWords(link.out)}</span>
            </span>
          )}
        </>
      )}
      {hasChildren && (
        <button
          type="button"
          className={styles.twist}
          aria-expanded={isOpen}
          aria-label={`Sites below ${site.name}${hidden.length === 0 ? '' : `: ${hidden.length}${hiddenWords}`}`}
          title={isOpen ? 'Hide the sites below' : `Show ${formatQuantity(hidden.length, 'site')} below${hiddenWords}`}
          onClick={() => onOpen(site.id, !isOpen)}
        >
          {isOpen ? <ChevronLeftRegular aria-hidden /> : formatCount(hidden.length)}
          {!isOpen && <ChevronRightRegular aria-hidden />}
        </button>
      )}
    </li>
  );
}

function busyWords(hidden: readonly SiteNode[], isBusy: (id: string) => boolean): string {
  const busy = hidden.filter(({ site }) => isBusy(site.id)).length;
  return busy === 0 ? '' : `, ${busy} busy`;
}

function widthOf(link: SiteLink | undefined): number {
  if (link === undefined) return linkWidthPx(0, null);
  return Math.max(...[link.in, link.out].map((way) => linkWidthPx(way.bytesPerSecond, way.limitBytesPerSecond)));
}

/** From what is above to the straight part, which the load is drawn on. */
function bendOf({ fromX, fromY, toX, toY }: PlacedLink): string {
  const trunkX = fromX + bendPx / 2;
  const radius = Math.min(8, Math.abs(toY - fromY) / 2);
  const turn = toY > fromY ? radius : -radius;
  return [
    `M ${fromX} ${fromY} H ${trunkX - radius} Q ${trunkX} ${fromY} ${trunkX} ${fromY + turn}`,
    `V ${toY - turn} Q ${trunkX} ${toY} ${trunkX + radius} ${toY} H ${toX - straightPx}`,
  ].join(' ');
}
