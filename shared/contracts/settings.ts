import { z } from 'zod';
import { parseCidr } from '../base/ipv4.ts';
import { cidrSchema } from './primitives.ts';

/** Conditions under which a computer downloads as if peer downloading were off. */
export const exceptionConditions = ['cloud-enabled', 'vpn', 'metered', 'battery'] as const;
export type ExceptionCondition = (typeof exceptionConditions)[number];

function integer(minimum: number, maximum: number) {
  return z
    .number({ error: `Enter a whole number from ${minimum} to ${maximum}.` })
    .int(`Enter a whole number from ${minimum} to ${maximum}.`)
    .min(minimum, `Enter ${minimum} or more.`)
    .max(maximum, `Enter ${maximum} or less.`);
}

/**
 * The values of a Targeted Agent Settings policy. Units are those of the console and of docs/settings.md; the core converts
 * them once, when it takes a configuration. What a setting means stands in `settingDescriptors`.
 */
export const agentSettingsSchema = z
  .object({
    peerDownloading: z.boolean(),
    port: integer(1024, 65535),
    requestTimeout: integer(5, 300),
    maxUpload: integer(0, 10_000_000),
    maxDownload: integer(0, 10_000_000),
    requestsPerCore: integer(1, 100),
    maxConnections: integer(1, 1000),
    totalLogSize: integer(1, 1000),
    announcementInterval: integer(5, 3600),
    unavailableTimeout: integer(10, 86_400),
    additionalSubnets: z
      .array(
        cidrSchema.refine((text) => (parseCidr(text)?.prefixLength ?? 32) >= 16, 'A subnet may be /16 at the largest.'),
      )
      .max(64, 'List at most 64 subnets.'),
    peersPerAttempt: integer(1, 50),
    maxAttempts: integer(1, 20),
    attemptPeriod: integer(1, 3600),
    blockProgress: integer(1, 300),
    minPeerPackage: integer(0, 1000),
    exceptWhen: z.array(z.enum(exceptionConditions)).max(exceptionConditions.length),
    configurationInterval: integer(1, 1440),
    eventInterval: integer(5, 3600),
    maxConcurrentPackages: integer(1, 10),
    sourceBackoffScale: z
      .number({ error: 'Enter a number from 0.001 to 1.' })
      .min(0.001, 'Enter 0.001 or more.')
      .max(1, 'Enter 1 or less.'),
    journalEntries: integer(100, 20_000),
  })
  .superRefine((settings, context) => {
    if (settings.unavailableTimeout < 2 * settings.announcementInterval) {
      context.addIssue({
        code: 'custom',
        path: ['unavailableTimeout'],
        message: `Enter at least twice the peer announcement interval (${2 * settings.announcementInterval} s), or peers drop out between two announcements.`,
      });
    }
  });

export type AgentSettings = z.infer<typeof agentSettingsSchema>;
export type AgentSettingKey = keyof AgentSettings;

/** What Global holds on a new server. */
export const defaultAgentSettings: AgentSettings = {
  peerDownloading: false,
  port: 27801,
  requestTimeout: 30,
  maxUpload: 0,
  maxDownload: 0,
  requestsPerCore: 5,
  maxConnections: 20,
  totalLogSize: 10,
  announcementInterval: 60,
  unavailableTimeout: 180,
  additionalSubnets: [],
  peersPerAttempt: 5,
  maxAttempts: 3,
  attemptPeriod: 60,
  blockProgress: 1,
  minPeerPackage: 1,
  exceptWhen: ['cloud-enabled'],
  configurationInterval: 60,
  eventInterval: 60,
  maxConcurrentPackages: 2,
  sourceBackoffScale: 1,
  journalEntries: 2000,
};

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
    };

export interface SettingDescriptor {
  readonly key: AgentSettingKey;
  readonly tab: 'general' | 'downloads' | 'advanced';
  readonly section: string;
  readonly label: string;
  readonly meaning: string;
  readonly control: SettingControl;
  /** `stored`: kept and sent to agents, but the part of the engine that obeys it has not landed yet; the editor says so. */
  readonly effect: 'live' | 'stored';
}

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
    effect: 'stored',
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
      'Subnets other than those of its own network adapters in which a computer may find peers. Both sides have to list each other.',
    control: { kind: 'cidr-list', maximum: 64 },
    effect: 'stored',
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
    meaning: 'A computer in one of these situations downloads from servers only and serves nobody.',
    control: {
      kind: 'conditions',
      options: [
        { value: 'cloud-enabled', label: 'Cloud-enabled (outside the network)' },
        { value: 'vpn', label: 'Connected through VPN' },
        { value: 'metered', label: 'On a metered connection' },
        { value: 'battery', label: 'On battery' },
      ],
    },
    effect: 'stored',
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
];

export interface SettingWarning {
  readonly key: AgentSettingKey;
  readonly message: string;
}

/** Allowed, but likely not what the administrator wants. Shown beside the field; saving stays possible. */
export function settingWarnings(settings: AgentSettings): SettingWarning[] {
  const warnings: SettingWarning[] = [];
  if (settings.requestTimeout <= 10) {
    warnings.push({
      key: 'requestTimeout',
      message: 'With 10 s or less, slow computers drop out of the peer network.',
    });
  }
  if (settings.peerDownloading && settings.maxUpload > 0 && settings.maxUpload < 100) {
    warnings.push({
      key: 'maxUpload',
      message: 'Below 100 KB/s a 2 MiB block takes more than 20 s: peers will time out.',
    });
  }
  return warnings;
}
