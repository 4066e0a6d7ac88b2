/**
 * Builds the bundles of build/bundles.mjs into dist/.
 *
 *   node build/build.ts                 what is stale
 *   node build/build.ts --all           everything
 *   node build/build.ts main cli        these, where stale
 *
 * Each bundle is one file (Node) or one folder (page), put in place whole when it is complete, so that a running
 * process never sees half of one.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { build, type InlineConfig, type Plugin } from 'vite';
import { type Bundle, bundles, staleBundles, stampOf, stampPath } from './bundles.mjs';

const root = path.resolve(import.meta.dirname, '..');

/** Everything else is bundled: `electron` exists only inside Electron, `libsql` loads a native file beside it. */
const external = ['electron', 'libsql', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

function viteConfigOf(bundle: Bundle, outDir: string): InlineConfig {
  if (bundle.kind === 'page') {
    return { configFile: path.join(root, 'build/renderer.config.ts'), build: { outDir, emptyOutDir: false } };
  }
  const isPreload = bundle.kind === 'preload';
  return {
    configFile: false,
    root,
    publicDir: false,
    cacheDir: path.join(root, '.cache/vite'),
    ssr: { target: 'node', noExternal: true, external },
    build: {
      ssr: true,
      target: isPreload ? 'chrome130' : 'node20', // Electron 33 is the oldest supported
      outDir,
      emptyOutDir: false,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: path.join(root, bundle.entry),
        external,
        // A schema that nobody in this bundle uses is not built, although a call makes it.
        treeshake: { manualPureFunctions: ['z'] },
        output: {
          // A process keeps the text of its bundle: twice as long with one character outside of Latin-1, for nothing but comments.
          charset: 'ascii',
          comments: { legal: true, annotation: false, jsdoc: false },
          format: isPreload ? 'cjs' : 'es',
          entryFileNames: path.basename(bundle.output),
          codeSplitting: false,
        },
      },
    },
  };
}

/** Collects the project's own modules that a bundle is made of. */
function inputCollector(inputs: Set<string>): Plugin {
  const add = (id: string) => {
    const file = id.split('?')[0] ?? id;
    if (!path.isAbsolute(file) || file.includes('\0')) return;
    const relative = path.relative(root, file).replaceAll('\\', '/');
    if (!relative.startsWith('..') && !relative.includes('node_modules/')) inputs.add(relative);
  };
  return {
    name: 'fanout:collect-inputs',
    buildEnd() {
      for (const id of this.getModuleIds()) add(id);
    },
  };
}

/** A page is also made of what no module imports: styles of styles, the public folder. */
function addFolder(inputs: Set<string>, folder: string): void {
  for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) inputs.add(path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  }
}

async function buildBundle(bundle: Bundle): Promise<void> {
  const startedMs = Date.now();
  mkdirSync(path.join(root, '.cache/build'), { recursive: true });
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  const work = mkdtempSync(path.join(root, '.cache/build', `${bundle.name}-`));
  const fresh = path.join(work, 'fresh');
  const inputs = new Set([bundle.entry]);
  try {
    const config = viteConfigOf(bundle, fresh);
    await build({ ...config, logLevel: 'warn', plugins: [...(config.plugins ?? []), inputCollector(inputs)] });
    // The guides are part of the console.
    if (bundle.kind === 'page') for (const folder of [path.dirname(bundle.entry), 'docs']) addFolder(inputs, folder);
    const stamp = stampOf(root, [...inputs], startedMs);
    writeFileSync(path.join(fresh, path.basename(stampPath(root, bundle))), JSON.stringify(stamp));
    putInPlace(fresh, path.join(root, 'dist', bundle.name), path.join(work, 'previous'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`built ${bundle.output} in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Swaps a folder. Another build may do the same at the same time: then either result stands. */
function putInPlace(fresh: string, target: string, previous: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(target, `${previous}-${attempt}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // nothing was there
    }
    try {
      renameSync(fresh, target);
      return;
    } catch (error) {
      if (attempt >= 5) throw error;
    }
  }
}

const args = process.argv.slice(2);
const names = args.filter((argument) => !argument.startsWith('--'));
const unknown = names.filter((name) => !bundles.some((bundle) => bundle.name === name));
if (unknown.length > 0) {
  console.error(`No bundle is called ${unknown.join(', ')}; there are ${bundles.map((b) => b.name).join(', ')}.`);
  process.exit(2);
}
if (args.includes('--all')) rmSync(path.join(root, 'dist'), { recursive: true, force: true });
for (const bundle of staleBundles(root, names.length > 0 ? names : undefined)) {
  try {
    await buildBundle(bundle);
  } catch (error) {
    // The other bundles may be what somebody waits for.
    console.error(`${bundle.output} was not built: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
