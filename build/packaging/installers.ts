/** Installers of the folder that Forge has made, and the files that updates are found by. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Configuration } from 'electron-builder';
import { deepLinkProtocol } from '../../shared/contracts/console-pages.ts';
import { whyNoInstallers } from './package-failures.ts';

/** By the system that it runs on: each makes its own. */
const targets: Partial<Record<NodeJS.Platform, Record<string, string[]>>> = {
  win32: { win: ['nsis'] },
  darwin: { mac: ['dmg', 'zip'] }, // updates of macOS come out of the zip
  linux: { linux: ['AppImage', 'deb'] },
};

function configuration(root: string, folder: string, outFolder: string): Configuration {
  return {
    appId: 'com.fanout.desktop',
    productName: 'Fanout',
    electronVersion: versionOf(folder),
    directories: { output: path.join(outFolder, 'installers'), buildResources: path.join(root, 'build/icons') },
    // Only names the files for the update feed (latest.yml and so on); whoever runs Fanout says where the feed is.
    publish: { provider: 'generic', url: 'https://updates.invalid/' },
    protocols: [{ name: 'Fanout', schemes: [deepLinkProtocol] }],
    icon: path.join(root, 'build/icons/fanout.png'),
    npmRebuild: false,
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
    linux: {
      category: 'Network',
      maintainer: 'Fanout contributors <contributors@fanout.invalid>',
      synopsis: 'Delivers packages once over each WAN link',
      executableName: 'fanout',
    },
    mac: { category: 'public.app-category.business' },
  };
}

/** Resolves with the files; throws a sentence. */
export async function makeInstallers(root: string, folder: string, outFolder: string): Promise<string[]> {
  const wanted = targets[process.platform];
  if (wanted === undefined) throw new Error(`No installers are made for ${process.platform}.`);
  try {
    return await build({
      projectDir: root,
      prepackaged: process.platform === 'darwin' ? path.join(folder, 'Fanout.app') : folder,
      publish: 'never',
      config: configuration(root, folder, outFolder),
      ...wanted,
    });
  } catch (error) {
    throw new Error(whyNoInstallers(error, folder));
  }
}

/** The packager leaves it beside the application. */
function versionOf(folder: string): string {
  return readFileSync(path.join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
}
