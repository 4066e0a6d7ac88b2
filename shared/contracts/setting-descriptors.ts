import type { AgentSettingKey, AgentSettings, ExceptionCondition } from './settings.ts';
import { logLevels, multicastRefusal } from './settings.ts';

export type SettingControl =
  | { readonly kind: 'switch' }
  | {
      readonly kind: 'integer';
      readonly minimum: number;
      readonly maximum: number;
      readonly unit: string;
      readonly zeroMeans?: string;
    }
  | { readonly kind: 'decimal'; readonly minimum: number; readonly maximum: number; readonly unit: string }
  | { readonly kind: 'cidr-list'; readonly maximum: number }
  | {
      readonly kind: 'conditions';
      readonly options: readonly { readonly value: ExceptionCondition; readonly label: string }[];
    }
  | { readonly kind: 'choice'; readonly options: readonly { readonly value: string; readonly label: string }[] }
  /** Times of the week with a rate each. */
  | { readonly kind: 'throttling-periods' }
  /** Times of the week without downloads, or without any communication. */
  | { readonly kind: 'blockout-periods' }
  /** Cannot be switched on, and says why. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export const settingTabs = ['general', 'downloads', 'blockouts', 'user-control', 'advanced'] as const;
export type SettingTab = (typeof settingTabs)[number];

export const settingTabLabels: Readonly<Record<SettingTab, string>> = {
  general: 'General',
  downloads: 'Downloads',
  blockouts: 'Blockouts',
  'user-control': 'User Control',
  advanced: 'Advanced',
};

export interface SettingDescriptor {
  readonly key: AgentSettingKey;
  readonly tab: SettingTab;
  readonly section: string;
  readonly label: string;
  readonly meaning: string;
  readonly control: SettingControl;
  /** `stored`: kept and sent to agents, but the part of the engine that obeys it has not landed yet; the editor says so. */
  readonly effect: 'live' | 'stored';
}

const logLevelWords: Readonly<Record<AgentSettings['logLevel'], string>> = {
  error: 'Errors',
  warn: 'Errors and warnings',
  info: 'Information as well',
  debug: 'Everything',
};

const peerSection = 'Peer-to-peer Downloading Configuration Settings';

/** The editor, the documents and the conformance tests all read this one table. */
export const settingDescriptors: readonly SettingDescriptor[] = [
  {
    key: 'peerDownloading',
    tab: 'downloads',
    section: peerSection,
    label: 'Allow agents to download packages from peer computers',
    meaning:
      'Turns peer discovery and the HTTP server for peers on. Only agents of this Notification Server take part.',
    control: { kind: 'switch' },
    effect: 'live',
  },
  {
    key: 'port',
    tab: 'downloads',
    section: peerSection,
    label: 'TCP/UDP port',
    meaning:
      'The HTTP server listens on this TCP port, peer discovery on the UDP port of the same number. Agents of an embedded fleet that share one address get a port each from the fleet plan.',
    control: { kind: 'integer', minimum: 1024, maximum: 65535, unit: '' },
    effect: 'live',
  },
  {
    key: 'requestTimeout',
    tab: 'downloads',
    section: peerSection,
    label: 'HTTP request timeout',
    meaning:
      'A request between computers that is not completed in this time is cancelled and counted against the source. 10 s or less makes slow computers drop out.',
    control: { kind: 'integer', minimum: 5, maximum: 300, unit: 's' },
    effect: 'live',
  },
  {
    key: 'maxUpload',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum upload bandwidth',
    meaning: 'What one computer gives to all its downloading peers together.',
    control: { kind: 'integer', minimum: 0, maximum: 10_000_000, unit: 'KB/s', zeroMeans: 'unlimited' },
    effect: 'live',
  },
  {
    key: 'maxDownload',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum download bandwidth',
    meaning:
      'What one computer takes from all its peers together. Independent of the throttling of downloads from servers.',
    control: { kind: 'integer', minimum: 0, maximum: 10_000_000, unit: 'KB/s', zeroMeans: 'unlimited' },
    effect: 'live',
  },
  {
    key: 'requestsPerCore',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum number of requests per core',
    meaning:
      'How many block requests a computer answers at the same time, for each of its processor cores. Further ones are told to try later and where else.',
    control: { kind: 'integer', minimum: 1, maximum: 100, unit: '' },
    effect: 'live',
  },
  {
    key: 'maxConnections',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum number of connections',
    meaning: "How many connections from peers a computer's HTTP server keeps at the same time.",
    control: { kind: 'integer', minimum: 1, maximum: 1000, unit: '' },
    effect: 'live',
  },
  {
    key: 'totalLogSize',
    tab: 'downloads',
    section: peerSection,
    label: 'Total log size',
    meaning: 'Disk space for the logs of the HTTP server; each file holds 1 MB, the oldest is dropped first.',
    control: { kind: 'integer', minimum: 1, maximum: 1000, unit: 'MB' },
    effect: 'live',
  },
  {
    key: 'announcementInterval',
    tab: 'downloads',
    section: peerSection,
    label: 'Peer announcement interval',
    meaning: 'Time between two broadcasts with which a computer tells its subnet that it is there (± 20 %).',
    control: { kind: 'integer', minimum: 5, maximum: 3600, unit: 's' },
    effect: 'live',
  },
  {
    key: 'unavailableTimeout',
    tab: 'downloads',
    section: peerSection,
    label: 'Unavailable peer timeout',
    meaning: 'A peer that has been silent for this long is no longer asked. At least twice the announcement interval.',
    control: { kind: 'integer', minimum: 10, maximum: 86_400, unit: 's' },
    effect: 'live',
  },
  {
    key: 'additionalSubnets',
    tab: 'downloads',
    section: peerSection,
    label: 'Additional subnets to discover',
    meaning:
      'Subnets other than those of its own network adapters in which a computer may find peers. Both sides have to list each other; subnets of a site that share a LAN need not be listed.',
    control: { kind: 'cidr-list', maximum: 64 },
    effect: 'live',
  },
  {
    key: 'peersPerAttempt',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum number of peers per download attempt',
    meaning: 'From how many peers a package is downloaded at the same time. Raise it where computers often go offline.',
    control: { kind: 'integer', minimum: 1, maximum: 50, unit: '' },
    effect: 'live',
  },
  {
    key: 'maxAttempts',
    tab: 'downloads',
    section: peerSection,
    label: 'Maximum download attempts per package',
    meaning:
      'After so many attempts without progress the missing blocks are fetched from a server, by one computer for the subnet.',
    control: { kind: 'integer', minimum: 1, maximum: 20, unit: '' },
    effect: 'live',
  },
  {
    key: 'attemptPeriod',
    tab: 'downloads',
    section: peerSection,
    label: 'Period between download attempts',
    meaning: 'Time from the end of one attempt to the next; it does not grow.',
    control: { kind: 'integer', minimum: 1, maximum: 3600, unit: 's' },
    effect: 'live',
  },
  {
    key: 'blockProgress',
    tab: 'downloads',
    section: peerSection,
    label: 'File block download progress on peer',
    meaning:
      'How often a downloading computer tells its peers which 2 MiB blocks it has finished; those can be fetched at once.',
    control: { kind: 'integer', minimum: 1, maximum: 300, unit: 's' },
    effect: 'live',
  },
  {
    key: 'minPeerPackage',
    tab: 'downloads',
    section: peerSection,
    label: 'Smallest package shared with peers',
    meaning:
      'Smaller packages are fetched by each computer from a server: looking for peers would take longer than the download.',
    control: { kind: 'integer', minimum: 0, maximum: 1000, unit: 'MB' },
    effect: 'live',
  },
  {
    key: 'exceptWhen',
    tab: 'downloads',
    section: peerSection,
    label: "Don't use peer-to-peer downloading",
    meaning:
      'A computer in one of these situations downloads from servers only and serves nobody. So do all computers of VPN and internet sites.',
    control: {
      kind: 'conditions',
      options: [
        { value: 'cloud-enabled', label: 'Cloud-enabled (outside the network)' },
        { value: 'vpn', label: 'Connected through VPN' },
        { value: 'metered', label: 'On a metered connection' },
        { value: 'battery', label: 'On battery' },
      ],
    },
    effect: 'live',
  },
  {
    key: 'configurationInterval',
    tab: 'general',
    section: 'Communication with the Notification Server',
    label: 'Download new configuration every',
    meaning:
      'How often an agent asks for its configuration when nothing told it to. Changes are pushed to connected agents at once.',
    control: { kind: 'integer', minimum: 1, maximum: 1440, unit: 'min' },
    effect: 'live',
  },
  {
    key: 'eventInterval',
    tab: 'general',
    section: 'Communication with the Notification Server',
    label: 'Send events every',
    meaning: 'How often an agent sends what it has counted and decided. Changes of a package state are sent at once.',
    control: { kind: 'integer', minimum: 5, maximum: 3600, unit: 's' },
    effect: 'live',
  },
  {
    key: 'maxConcurrentPackages',
    tab: 'advanced',
    section: 'Package Delivery',
    label: 'Packages downloaded at the same time',
    meaning: 'Further packages wait in the order of their priority.',
    control: { kind: 'integer', minimum: 1, maximum: 10, unit: '' },
    effect: 'live',
  },
  {
    key: 'sourceBackoffScale',
    tab: 'advanced',
    section: 'Package Delivery',
    label: 'Source back-off scale',
    meaning:
      'Multiplies the pauses of 3, 6, 12, 24, 48, 96 and 120 minutes after a server failed. 1 is right outside of tests and demos.',
    control: { kind: 'decimal', minimum: 0.001, maximum: 1, unit: '×' },
    effect: 'live',
  },
  {
    key: 'journalEntries',
    tab: 'advanced',
    section: 'Diagnostics',
    label: 'Decision journal entries',
    meaning: 'How many entries of the decision journal an agent keeps; the oldest are dropped first.',
    control: { kind: 'integer', minimum: 100, maximum: 20_000, unit: '' },
    effect: 'live',
  },
  {
    key: 'multicastDownloading',
    tab: 'downloads',
    section: peerSection,
    label: 'Allow agents to download packages using multicast',
    meaning: 'Sends a package once to all computers of a subnet. It and peer downloading exclude each other.',
    control: { kind: 'unavailable', reason: multicastRefusal },
    effect: 'stored',
  },
  {
    key: 'throttlingPeriods',
    tab: 'downloads',
    section: 'Throttling',
    label: 'Throttling periods',
    meaning:
      'Times of the week in which a computer takes no more than this from servers. Where periods overlap, the lowest rate holds. Downloads from peers are not affected, nor are emergencies.',
    control: { kind: 'throttling-periods' },
    effect: 'live',
  },
  {
    key: 'maxCache',
    tab: 'downloads',
    section: 'Disk',
    label: 'Largest share of the disk for packages',
    meaning:
      'Beyond it the packages that were unused for longest are deleted, never one that is being fetched. Only what Fanout itself keeps is counted.',
    control: { kind: 'integer', minimum: 1, maximum: 90, unit: '%' },
    effect: 'live',
  },
  {
    key: 'minFreeDisk',
    tab: 'downloads',
    section: 'Disk',
    label: 'Free disk space to keep',
    meaning: 'Below it no download starts, and packages that were unused for longest are deleted first.',
    control: { kind: 'integer', minimum: 0, maximum: 1000, unit: 'GB' },
    effect: 'live',
  },
  {
    key: 'cpuLimit',
    tab: 'downloads',
    section: 'Serving peers',
    label: 'Serve peers up to a processor load of',
    meaning: 'Above it a computer tells peers to ask others.',
    control: { kind: 'integer', minimum: 0, maximum: 100, unit: '%', zeroMeans: 'no limit' },
    effect: 'live',
  },
  {
    key: 'serveOnBattery',
    tab: 'downloads',
    section: 'Serving peers',
    label: 'Serve peers while on battery',
    meaning: 'A computer on battery goes on downloading; whether it serves others is decided here.',
    control: { kind: 'switch' },
    effect: 'live',
  },
  {
    key: 'blockouts',
    tab: 'blockouts',
    section: 'Schedule',
    label: 'Blockout periods',
    meaning:
      'Times of the week without downloads, or without any communication with servers and peers. Emergencies are stopped by the latter only.',
    control: { kind: 'blockout-periods' },
    effect: 'live',
  },
  {
    key: 'restartSpread',
    tab: 'blockouts',
    section: 'Schedule',
    label: 'Restart spread',
    meaning:
      'After a blockout computers start again at a random moment within this time, so that not all come at once.',
    control: { kind: 'integer', minimum: 0, maximum: 60, unit: 'min' },
    effect: 'live',
  },
  {
    key: 'periodClock',
    tab: 'blockouts',
    section: 'Schedule',
    label: 'Periods follow',
    meaning: 'Whose clock the throttling and blockout periods follow.',
    control: {
      kind: 'choice',
      options: [
        { value: 'agent', label: 'Local time of the computer' },
        { value: 'utc', label: 'UTC' },
      ],
    },
    effect: 'live',
  },
  {
    key: 'showNotifications',
    tab: 'user-control',
    section: 'Notifications',
    label: 'Show notifications',
    meaning: 'Tells the person at the computer when a download starts, is ready or has failed.',
    control: { kind: 'switch' },
    effect: 'live',
  },
  {
    key: 'allowUserPause',
    tab: 'user-control',
    section: 'Control',
    label: 'Allow the user to pause downloads',
    meaning:
      'The person at the computer may pause downloads and let them go on, until the agent starts again. Emergencies are not paused.',
    control: { kind: 'switch' },
    effect: 'live',
  },
  {
    key: 'allowUserPostpone',
    tab: 'user-control',
    section: 'Control',
    label: 'How often the user may postpone an installation',
    meaning:
      'The person at the computer may put an installation off so many times, for an hour each, but not an emergency and not beyond the deadline. Where notifications are shown, five minutes are left for it.',
    control: { kind: 'integer', minimum: 0, maximum: 5, unit: 'times', zeroMeans: 'not at all' },
    effect: 'live',
  },
  {
    key: 'logLevel',
    tab: 'advanced',
    section: 'Diagnostics',
    label: 'Log level',
    meaning: 'What an agent writes to its log: problems only, or what it does as well.',
    control: {
      kind: 'choice',
      options: logLevels.map((level) => ({ value: level, label: logLevelWords[level] })),
    },
    effect: 'live',
  },
];
