import type { AgentSettingKey } from '../../shared/contracts/settings.ts';

/** One row per setting: the test over real sockets that fails when changing the value changes nothing. */
export interface ConformanceRow {
  /** In `test/`. */
  readonly file: string;
  /** The title of the test, as it stands in the file; in it, or in its table of cases, the setting gets a value. */
  readonly test: string;
}

const delivery = 'loopback/package-delivery-settings.test.ts';
const discovery = 'loopback/discovery.test.ts';
const disk = 'loopback/disk-and-conditions.test.ts';
const httpServer = 'loopback/http-server-settings.test.ts';
const periods = 'loopback/periods-and-priorities.test.ts';
const user = 'loopback/user-and-intervals.test.ts';

export const conformanceTable: { readonly [Key in AgentSettingKey | 'deleteUnusedAfterHours']: ConformanceRow } = {
  // Downloads
  peerDownloading: {
    file: discovery,
    test: 'is silent and serves nobody while peer downloading is off, and at the port of the policy when it is on',
  },
  port: {
    file: discovery,
    test: 'is silent and serves nobody while peer downloading is off, and at the port of the policy when it is on',
  },
  requestTimeout: {
    file: httpServer,
    test: 'requestTimeout: a request that does not come to its end in time loses its connection',
  },
  maxUpload: { file: httpServer, test: 'maxUpload: a block takes its time under a limit, and none without' },
  maxDownload: {
    file: httpServer,
    test: 'maxDownload: what comes from peers takes its time under a limit, and none without',
  },
  requestsPerCore: {
    file: httpServer,
    test: 'requestsPerCore: more requests at a time are told to come again, until the policy allows them',
  },
  maxConnections: {
    file: httpServer,
    test: 'maxConnections: a connection too many brings no block, and is closed',
  },
  totalLogSize: { file: httpServer, test: 'totalLogSize: the log keeps to it, a line a request' },
  announcementInterval: {
    file: discovery,
    test: 'announces at the interval of the policy, and at another one when that changes',
  },
  unavailableTimeout: { file: discovery, test: 'believes in a silent peer for as long as the policy says' },
  additionalSubnets: {
    file: discovery,
    test: 'finds peers in additional subnets while both sides list each other, and takes a package from there',
  },
  peersPerAttempt: { file: delivery, test: 'peersPerAttempt: so many peers are asked at a time' },
  maxAttempts: { file: delivery, test: 'maxAttempts: after so many attempts the server is asked' },
  attemptPeriod: { file: delivery, test: 'attemptPeriod: the next attempt begins after it' },
  blockProgress: { file: delivery, test: 'blockProgress: a peer is told of new blocks after it' },
  minPeerPackage: { file: delivery, test: 'minPeerPackage: each computer fetches a smaller package for itself' },
  exceptWhen: {
    file: disk,
    test: 'does without peers where exceptWhen names the condition, and with them where it does not',
  },
  multicastDownloading: {
    file: 'loopback/notification-server-console.test.ts',
    test: 'with multicast downloading are refused as not available, with the reason',
  },
  throttlingPeriods: {
    file: periods,
    test: 'throttlingPeriods: a download from the server keeps to the rate, and runs free once the policy does without',
  },
  maxCache: {
    file: 'lab/small-disk.test.ts',
    test: 'deletes the package that was unused for longest where maxCache leaves no room for both',
  },
  minFreeDisk: {
    file: disk,
    test: 'waits while less is free than minFreeDisk keeps, and starts when the policy keeps less',
  },
  cpuLimit: { file: disk, test: 'serves a peer or not as %s says' },
  serveOnBattery: { file: disk, test: 'serves a peer or not as %s says' },
  // General
  configurationInterval: { file: user, test: 'configurationInterval: the policy is asked for after it, and no sooner' },
  eventInterval: {
    file: user,
    test: 'eventInterval: what was counted is sent after it, and sooner once a shorter one holds',
  },
  // Blockouts
  blockouts: {
    file: periods,
    test: 'blockouts of all communication: goodbye, then silence; afterwards the agent asks for its policy',
  },
  restartSpread: {
    file: periods,
    test: 'restartSpread: downloads wait for a moment within it, which a shorter one brings nearer',
  },
  periodClock: { file: periods, test: 'periodClock: the same period holds by local time or by UTC' },
  // User Control
  showNotifications: {
    file: user,
    test: 'showNotifications: hears of downloads only where the policy shows notifications',
  },
  allowUserPause: {
    file: user,
    test: 'allowUserPause: pauses and resumes downloads where the policy allows it, but no emergency',
  },
  allowUserPostpone: { file: user, test: 'allowUserPostpone: puts an installation off as often as the policy says' },
  // Advanced
  maxConcurrentPackages: {
    file: periods,
    test: 'maxConcurrentPackages: one after the other, or as many as a new value says while they run',
  },
  sourceBackoffScale: {
    file: user,
    test: 'sourceBackoffScale: a server that failed is asked again after three minutes times the scale',
  },
  journalEntries: { file: user, test: 'journalEntries: so many are kept' },
  logLevel: { file: user, test: 'logLevel: the log follows the policy as soon as it changes' },
  // Agent package
  deleteUnusedAfterHours: {
    file: disk,
    test: 'deletes what was unused for the set time, keeps it deleted, and what is used stays',
  },
};
