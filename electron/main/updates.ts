import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { app, dialog } from 'electron';
import type { AppUpdater } from 'electron-updater';
import { assertNever } from '../../shared/base/assert.ts';
import type { UpdateState, UpdateStep } from '../../shared/contracts/desktop-bridge.ts';
import type { ApplicationExit } from './application-exit.ts';
import type { DataFolders } from './data-folders.ts';
import type { PreferenceFile } from './desktop-preferences.ts';
import { updateFailure } from './update-failures.ts';

export interface Updates {
  readonly state: UpdateState;
  /** What cannot be begun now is left alone; the answer is the state. */
  begin(step: UpdateStep): UpdateState;
}

/** Looks for a newer version, fetches and installs it; each step only when an administrator says so, never by itself. */
export function setupUpdates(folders: DataFolders, preferences: PreferenceFile, exit: ApplicationExit): Updates {
  let state: UpdateState = initialState(preferences);
  let updater: AppUpdater | null = null;
  preferences.onChange(({ updateFeedUrl }) => {
    if (updateFeedUrl === feedUrl) return;
    feedUrl = updateFeedUrl;
    updater = null;
    state = initialState(preferences);
  });
  let feedUrl = preferences.current.updateFeedUrl;

  const run = (work: (current: AppUpdater) => Promise<void>) => {
    const forFeed = feedUrl;
    const failed = (error: unknown) => {
      if (forFeed === feedUrl) state = { kind: 'failed', message: updateFailure(error, forFeed) };
    };
    void (async () => {
      updater ??= await makeUpdater(forFeed, folders.updateConfigurationFile);
      await work(updater);
    })().catch(failed);
  };

  const check = () => {
    state = { kind: 'checking' };
    run(async (current) => {
      const result = await current.checkForUpdates();
      const isNewer = result?.isUpdateAvailable === true;
      state = isNewer
        ? { kind: 'available', version: result.updateInfo.version, obstacle: obstacleToReplacing() }
        : { kind: 'newest' };
    });
  };

  const download = (version: string) => {
    state = { kind: 'downloading', version, percent: 0 };
    run(async (current) => {
      const onProgress = ({ percent }: { percent: number }) => {
        state = { kind: 'downloading', version, percent: Math.min(100, Math.max(0, percent)) };
      };
      current.on('download-progress', onProgress);
      try {
        await current.downloadUpdate();
        state = { kind: 'downloaded', version };
      } finally {
        current.off('download-progress', onProgress);
      }
    });
  };

  const install = (version: string) => {
    const current = updater;
    if (current === null) return;
    state = { kind: 'installing', version };
    // The new version takes this one's place only when server and agents have stopped and nobody holds the data folder.
    exit.quit(0, () => {
      app.releaseSingleInstanceLock();
      current.once('error', (error) => {
        // Everything has stopped by now: there is no page left to say it.
        dialog.showErrorBox('Fanout was not updated', `${updateFailure(error, feedUrl)} Start Fanout again.`);
        app.exit(1);
      });
      current.quitAndInstall(true, true);
    });
  };

  return {
    get state() {
      return state;
    },
    begin(step) {
      switch (step) {
        case 'check':
          if (['unknown', 'newest', 'available', 'failed'].includes(state.kind)) check();
          break;
        case 'download':
          if (state.kind === 'available' && state.obstacle === '') download(state.version);
          break;
        case 'install':
          if (state.kind === 'downloaded') install(state.version);
          break;
        default:
          assertNever(step);
      }
      return state;
    },
  };
}

function initialState(preferences: PreferenceFile): UpdateState {
  return { kind: preferences.current.updateFeedUrl === '' ? 'off' : 'unknown' };
}

/** Loaded when it is asked for first: most installations never do. */
async function makeUpdater(feedUrl: string, configurationFile: string): Promise<AppUpdater> {
  const { AppImageUpdater, DebUpdater, MacUpdater, NsisUpdater } = (await import('electron-updater')).default;
  const feed = { provider: 'generic' as const, url: feedUrl };
  const updater =
    process.platform === 'win32'
      ? new NsisUpdater(feed)
      : process.platform === 'darwin'
        ? new MacUpdater(feed)
        : packageType() === 'deb'
          ? new DebUpdater(feed)
          : new AppImageUpdater(feed);
  // It reads again from a file where it keeps what it has downloaded; an installer would have written one.
  const configuration = { ...feed, updaterCacheDirName: 'fanout-updater' };
  writeFileSync(configurationFile, `${JSON.stringify(configuration)}\n`); // JSON is YAML too
  updater.updateConfigPath = configurationFile;
  updater.forceDevUpdateConfig = true; // whether this copy can be replaced is said by obstacleToReplacing
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = false;
  updater.autoRunAppAfterInstall = true;
  updater.allowDowngrade = false;
  updater.disableWebInstaller = true;
  updater.logger = null;
  // Failures reach whoever asked; an event that nobody hears would end the process.
  updater.on('error', () => undefined);
  return updater;
}

/** Left in the application's folder by its installer. */
function packageType(): string {
  const file = path.join(process.resourcesPath, 'package-type');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

function obstacleToReplacing(): string {
  const isInstalled =
    process.platform === 'linux' ? process.env.APPIMAGE !== undefined || packageType() === 'deb' : app.isPackaged;
  return isInstalled
    ? ''
    : 'This copy was not made by an installer, so it cannot replace itself. Bring the new one yourself.';
}
