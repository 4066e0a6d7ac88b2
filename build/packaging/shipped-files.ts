/** What of the checkout is in the packaged application: the bundles, and the one dependency that they cannot contain. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The command line is not part of the desktop application. */
const shippedBundles = ['main', 'preload', 'agent-worker', 'hash-worker', 'sim-worker', 'renderer'];
/** Loads a native file beside it; everything else is inside the bundles. */
const nativePackages = ['libsql'];
/** Desktop systems have glibc. */
const unwanted = /-musl$|-musleabihf$/;

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** For `ignore` of the packager, which asks about each path from the root of the project, as `/dist/main`. */
export function isLeftOut(root: string): (file: string) => boolean {
  const packages = installedClosure(root, nativePackages);
  const kept = [
    '/package.json',
    '/LICENSE',
    ...shippedBundles.map((name) => `/dist/${name}`),
    ...packages.map((name) => `/node_modules/${name}`),
  ];
  return (file) => {
    if (file === '') return false;
    if (/\/\.inputs\.json$|\.(d\.[cm]?ts|map|md)$/.test(file)) return true;
    // A folder above of what is kept has to be entered.
    return !kept.some((place) => file === place || file.startsWith(`${place}/`) || place.startsWith(`${file}/`));
  };
}

/** Packages and all that they need, as far as it is installed: optional ones are those of other systems. */
function installedClosure(root: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const file = path.join(root, 'node_modules', name, 'package.json');
    if (found.has(name) || unwanted.test(name) || !existsSync(file)) continue;
    found.add(name);
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    queue.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
  return [...found];
}
