import type { AgentSettingKey, AgentSettings } from './settings.ts';
import { blockoutPeriodSchema, isAlwaysBlockedOut } from './week-periods.ts';

export interface SettingWarning {
  readonly key: AgentSettingKey;
  readonly message: string;
}

/** Below this rate a package of the usual size does not arrive within a night. */
const crawlKilobytesPerSecond = 10;

/** Allowed, but likely not what the administrator wants. Shown beside the field; saving stays possible. */
export function settingWarnings(settings: AgentSettings): SettingWarning[] {
  return [...peerWarnings(settings), ...periodWarnings(settings), ...otherWarnings(settings)];
}

function peerWarnings(settings: AgentSettings): SettingWarning[] {
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

function periodWarnings(settings: AgentSettings): SettingWarning[] {
  const warnings: SettingWarning[] = [];
  const slowest = Math.min(...settings.throttlingPeriods.map((period) => period.kilobytesPerSecond));
  if (slowest < crawlKilobytesPerSecond) {
    const hours = Math.round(70_000 / slowest / 3600);
    warnings.push({
      key: 'throttlingPeriods',
      message: `At ${slowest} KB/s a package of 70 MB takes ${hours} hours. For a time without downloads use a blockout period.`,
    });
  }
  // While a time is being typed it is none yet.
  const blockouts = settings.blockouts.filter((period) => blockoutPeriodSchema.safeParse(period).success);
  if (isAlwaysBlockedOut(blockouts)) {
    warnings.push({
      key: 'blockouts',
      message: 'These periods leave no time of the week for downloads: only emergencies get through.',
    });
  }
  if (settings.blockouts.length > 0 && settings.restartSpread === 0) {
    warnings.push({
      key: 'restartSpread',
      message: 'With 0 all computers start again in the same second after a blockout.',
    });
  }
  return warnings;
}

function otherWarnings(settings: AgentSettings): SettingWarning[] {
  const warnings: SettingWarning[] = [];
  if (settings.minFreeDisk === 0) {
    warnings.push({ key: 'minFreeDisk', message: 'With 0 a package may fill the disk to its last byte.' });
  }
  if (settings.sourceBackoffScale < 1) {
    warnings.push({
      key: 'sourceBackoffScale',
      message: 'Below 1 a server in trouble is asked again sooner than is good for it. Right for tests and demos.',
    });
  }
  return warnings;
}
