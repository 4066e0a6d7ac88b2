import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { AgentSettings, ExceptionCondition } from '../contracts/settings.ts';
import { PolicyPeriods } from './policy-periods.ts';

/** The policy in the units the core computes with. Rates: Infinity = unlimited. */
export interface EffectiveSettings {
  /** Of the policy; off as well while the computer is in an excepted condition. */
  readonly peerDownloading: boolean;
  readonly exceptWhen: readonly ExceptionCondition[];
  readonly serveOnBattery: boolean;
  /** 0 = no limit. */
  readonly cpuLimitPercent: number;
  /** Where an agent listens that has not told another port. */
  readonly port: number;
  readonly requestTimeoutMs: number;
  readonly maxUploadBytesPerSecond: number;
  readonly maxDownloadBytesPerSecond: number;
  /** Block requests of peers answered at the same time: requests per core × cores. */
  readonly requestLimit: number;
  readonly maxConnections: number;
  readonly announcementIntervalMs: number;
  readonly unavailablePeerTimeoutMs: number;
  readonly peersPerAttempt: number;
  readonly maxAttempts: number;
  readonly attemptPeriodMs: number;
  readonly blockProgressMs: number;
  readonly minPeerPackageBytes: number;
  readonly minFreeDiskBytes: number;
  /** 0 … 1, of the whole disk. */
  readonly maxCacheShare: number;
  readonly configurationIntervalMs: number;
  readonly eventIntervalMs: number;
  readonly maxConcurrentPackages: number;
  readonly sourceBackoffScale: number;
  readonly journalEntries: number;
  /** Throttling periods and blockouts. */
  readonly periods: PolicyPeriods;
  readonly periodClock: AgentSettings['periodClock'];
  readonly restartSpreadMs: number;
  readonly showNotifications: boolean;
  readonly allowUserPause: boolean;
  readonly allowUserPostpone: number;
}

export function effectiveSettingsOf(settings: AgentSettings, cpuCores: number): EffectiveSettings {
  return {
    peerDownloading: settings.peerDownloading,
    exceptWhen: settings.exceptWhen,
    serveOnBattery: settings.serveOnBattery,
    cpuLimitPercent: settings.cpuLimit,
    port: settings.port,
    requestTimeoutMs: settings.requestTimeout * 1000,
    maxUploadBytesPerSecond: bytesPerSecondOfKilobytes(settings.maxUpload),
    maxDownloadBytesPerSecond: bytesPerSecondOfKilobytes(settings.maxDownload),
    requestLimit: settings.requestsPerCore * cpuCores,
    maxConnections: settings.maxConnections,
    announcementIntervalMs: settings.announcementInterval * 1000,
    unavailablePeerTimeoutMs: settings.unavailableTimeout * 1000,
    peersPerAttempt: settings.peersPerAttempt,
    maxAttempts: settings.maxAttempts,
    attemptPeriodMs: settings.attemptPeriod * 1000,
    blockProgressMs: settings.blockProgress * 1000,
    minPeerPackageBytes: settings.minPeerPackage * 1_000_000,
    minFreeDiskBytes: settings.minFreeDisk * 1_000_000_000,
    maxCacheShare: settings.maxCache / 100,
    configurationIntervalMs: settings.configurationInterval * 60_000,
    eventIntervalMs: settings.eventInterval * 1000,
    maxConcurrentPackages: settings.maxConcurrentPackages,
    sourceBackoffScale: settings.sourceBackoffScale,
    journalEntries: settings.journalEntries,
    periods: new PolicyPeriods(settings),
    periodClock: settings.periodClock,
    restartSpreadMs: settings.restartSpread * 60_000,
    showNotifications: settings.showNotifications,
    allowUserPause: settings.allowUserPause,
    allowUserPostpone: settings.allowUserPostpone,
  };
}
