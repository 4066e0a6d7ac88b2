import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Version of the product, from the package.json two folders above the source and the bundle alike. */
export function productVersion(): string {
  const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
