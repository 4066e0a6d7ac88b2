/** How Electron Forge makes the folder of the desktop application; `npm run package` calls it (build/packaging/package.ts). */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { namedRuntime } from './build/packaging/electron-runtime.ts';
import { isLeftOut } from './build/packaging/shipped-files.ts';
import { deepLinkProtocol } from './shared/contracts/console-pages.ts';

const root = import.meta.dirname;
const zipFolder = process.env.FANOUT_RUNTIME_ZIPS;

const config: ForgeConfig = {
  outDir: process.env.FANOUT_PACKAGE_FOLDER ?? path.join(root, 'out'),
  packagerConfig: {
    name: 'Fanout',
    executableName: 'fanout',
    appBundleId: 'com.fanout.desktop',
    appCategoryType: 'public.app-category.business',
    icon: path.join(root, 'build/icons/fanout'),
    // A native file can only be loaded from a file of its own.
    asar: { unpack: '**/*.node' },
    ignore: isLeftOut(root),
    // What is shipped is named; nothing else is looked for.
    prune: false,
    protocols: [{ name: 'Fanout', schemes: [deepLinkProtocol] }],
    ...(zipFolder === undefined ? {} : { electronZipDir: zipFolder }),
    afterExtract: [
      async ({ buildPath, platform }) => {
        if (platform !== 'darwin') keepEnglish(path.join(buildPath, 'locales'));
      },
    ],
  },
  // libsql is a Node-API module: the same file serves every Electron.
  rebuildConfig: { onlyModules: [] },
  hooks: {
    // What the application has to know of itself, and nothing about how it is developed.
    readPackageJson: async (_config, manifest) => ({
      name: manifest.name,
      productName: 'Fanout',
      version: manifest.version,
      description: manifest.description,
      license: manifest.license,
      type: manifest.type,
      // By this name the desktop of Linux finds what a window belongs to.
      desktopName: 'fanout.desktop',
      main: manifest.main,
      // Forge reads from here which runtime to take.
      devDependencies: { electron: namedRuntime()?.version ?? manifest.devDependencies.electron },
    }),
  },
  plugins: [
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    }),
  ],
};
export default config;

/** Chromium's own words are in 55 languages; Fanout speaks one. */
function keepEnglish(localesFolder: string): void {
  for (const name of readdirSync(localesFolder)) {
    if (name !== 'en-US.pak') rmSync(path.join(localesFolder, name));
  }
}
