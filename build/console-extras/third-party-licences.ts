/** Reads, from what is installed, whose work the product ships and under which terms. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LicencesFile, LicensedComponent } from '../../shared/contracts/licences-file.ts';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: unknown;
  readonly homepage?: unknown;
  readonly repository?: unknown;
}

const textFile = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
/** Nothing that a person reads is longer; a build that picks up a wrong file fails. */
const longestText = 200_000;

/** Everything in the lockfile that is no development dependency and is installed: packages of other systems are not. */
export function collectLicences(root: string): LicencesFile {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const numbers = new Map<string, number>();
  const components: LicensedComponent[] = [];
  for (const [place, { dev, devOptional }] of Object.entries(lock.packages)) {
    const folder = path.join(root, place);
    if (place === '' || dev === true || devOptional === true || !existsSync(path.join(folder, 'package.json')))
      continue;
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    const texts = textsOf(folder).map((text) => {
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return number;
    });
    const { name = place.replace(/^.*node_modules\//, ''), version = '' } = manifest;
    if (components.some((other) => other.name === name && other.version === version)) continue;
    components.push({ name, version, licence: licenceOf(manifest), homepage: homepageOf(manifest), texts });
  }
  components.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { components, texts: [...numbers.keys()] };
}

function textsOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && textFile.test(entry.name) && !/\.(js|ts|json)$/.test(entry.name))
    .map((entry) => readFileSync(path.join(folder, entry.name), 'utf8').replaceAll('\r\n', '\n').trim())
    .map((text) => {
      if (text.length > longestText) throw new Error(`A licence in ${folder} is ${text.length} characters long.`);
      return text;
    });
}

function licenceOf({ license, name }: Manifest): string {
  if (typeof license === 'string' && license !== '') return license;
  const { type } = (license ?? {}) as { type?: unknown };
  if (typeof type === 'string') return type;
  throw new Error(`${name} names no licence: look before it is shipped.`);
}

function homepageOf({ homepage, repository }: Manifest): string {
  const { url } = (typeof repository === 'string' ? { url: repository } : (repository ?? {})) as { url?: unknown };
  const place = typeof homepage === 'string' && homepage !== '' ? homepage : url;
  if (typeof place !== 'string') return '';
  return place
    .replace(/^git\+/, '')
    .replace(/^git:\/\//, 'https://')
    .replace(/^(?:ssh:\/\/)?git@github\.com[:/]/, 'https://github.com/')
    .replace(/^github:/, 'https://github.com/')
    .replace(/^http:/, 'https:')
    .replace(/\.git$/, '');
}
