import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({ version: z.string() });

/** Version of the product, from the package.json above the sources and the bundles alike. */
export function productVersion(): string {
  const manifest = path.resolve(import.meta.dirname, '../../package.json');
  return manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8'))).version;
}
