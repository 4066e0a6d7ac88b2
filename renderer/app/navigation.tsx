import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  BeakerRegular,
  BoxEditRegular,
  BoxRegular,
  BuildingRegular,
  DataBarVerticalRegular,
  DesktopFlowRegular,
  DesktopRegular,
  GaugeRegular,
  HistoryRegular,
  InfoRegular,
  OrganizationRegular,
  PeopleRegular,
  PlugConnectedRegular,
  SendRegular,
  ServerRegular,
  SettingsRegular,
  StreamRegular,
  WindowAppsRegular,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { desktopBridge } from '../api/desktop-bridge.ts';
import { usePath } from '../components/hooks.ts';

interface Leaf {
  readonly label: string;
  readonly path: string;
  readonly icon: ReactNode;
}
interface Branch {
  readonly label: string;
  readonly children: readonly (Branch | Leaf)[];
}

/** The tree that administrators of this field know; only pages that exist. */
const tree: readonly (Branch | Leaf)[] = [
  { label: 'Overview', path: '/overview', icon: <GaugeRegular /> },
  {
    label: 'Settings',
    children: [
      {
        label: 'Agents/Plug-ins',
        children: [
          { label: 'Agent package', path: '/settings/agent-package', icon: <BoxEditRegular /> },
          {
            label: 'Software update plug-in',
            path: '/settings/software-update-plug-in',
            icon: <PlugConnectedRegular />,
          },
          { label: 'Targeted Agent Settings', path: '/settings/targeted-agent-settings', icon: <SettingsRegular /> },
          { label: 'Targeted site settings', path: '/settings/targeted-site-settings', icon: <BuildingRegular /> },
        ],
      },
    ],
  },
  {
    label: 'Manage',
    children: [
      { label: 'Agents', path: '/agents', icon: <DesktopRegular /> },
      { label: 'Packages', path: '/packages', icon: <BoxRegular /> },
      { label: 'Deliveries', path: '/deliveries', icon: <SendRegular /> },
      { label: 'Fleet', path: '/fleet', icon: <DesktopFlowRegular /> },
    ],
  },
  {
    label: 'Network',
    children: [
      { label: 'Sites', path: '/sites', icon: <OrganizationRegular /> },
      { label: 'Package Servers', path: '/package-servers', icon: <ServerRegular /> },
      { label: 'Channels', path: '/channels', icon: <StreamRegular /> },
    ],
  },
  {
    label: 'Insight',
    children: [
      { label: 'Reports', path: '/reports', icon: <DataBarVerticalRegular /> },
      { label: 'Simulation', path: '/simulation', icon: <BeakerRegular /> },
    ],
  },
  {
    label: 'Administration',
    children: [
      { label: 'Accounts', path: '/accounts', icon: <PeopleRegular /> },
      { label: 'Audit trail', path: '/audit', icon: <HistoryRegular /> },
      ...(desktopBridge === null
        ? []
        : [{ label: 'Desktop application', path: '/desktop', icon: <WindowAppsRegular /> }]),
      { label: 'About', path: '/about', icon: <InfoRegular /> },
    ],
  },
];

const useStyles = makeStyles({
  list: { listStyle: 'none', margin: 0, padding: 0 },
  nested: {
    listStyle: 'none',
    margin: '0 0 0 12px',
    padding: '0 0 0 4px',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  branch: { marginTop: '14px' },
  innerBranch: { marginTop: '2px' },
  heading: {
    display: 'block',
    padding: '4px 8px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  innerHeading: { fontWeight: tokens.fontWeightRegular },
  link: {
    position: 'relative',
    display: 'flex',
    alignItems: 'center',
    columnGap: '8px',
    minHeight: '32px',
    padding: '0 8px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    fontSize: tokens.fontSizeBase300,
    whiteSpace: 'nowrap',
    '& span': { overflow: 'hidden', textOverflow: 'ellipsis' },
    '& svg': { flexShrink: 0, fontSize: '18px', color: tokens.colorNeutralForeground2 },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    fontWeight: tokens.fontWeightSemibold,
    '& svg': { color: tokens.colorBrandForeground1 },
    '::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: '7px',
      bottom: '7px',
      width: '3px',
      borderRadius: '2px',
      backgroundColor: tokens.colorCompoundBrandBackground,
    },
  },
});

export function NavigationTree() {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {tree.map((entry) => (
        <Entry key={entry.label} entry={entry} depth={0} />
      ))}
    </ul>
  );
}

function Entry({ entry, depth }: { entry: Branch | Leaf; depth: number }) {
  const styles = useStyles();
  const path = usePath().split('?')[0] ?? '';
  if ('path' in entry) {
    const isCurrent = path === entry.path || path.startsWith(`${entry.path}/`);
    return (
      <li>
        <a
          href={`#${entry.path}`}
          className={mergeClasses(styles.link, isCurrent && styles.current)}
          aria-current={isCurrent ? 'page' : undefined}
        >
          {entry.icon}
          <span title={entry.label}>{entry.label}</span>
        </a>
      </li>
    );
  }
  return (
    <li className={depth === 0 ? styles.branch : styles.innerBranch}>
      <span className={mergeClasses(styles.heading, depth > 0 && styles.innerHeading)}>{entry.label}</span>
      <ul className={styles.nested}>
        {entry.children.map((child) => (
          <Entry key={child.label} entry={child} depth={depth + 1} />
        ))}
      </ul>
    </li>
  );
}
