import { SaxesParser } from 'saxes';
import { isPackageGuid, type PackageGuid } from '../../../shared/base/ids.ts';
import { maximumChannelItems } from '../../../shared/contracts/channels.ts';
import { packagePathProblem } from '../../../shared/contracts/package-path.ts';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import { deliveryPriorities } from '../../../shared/contracts/package-state.ts';
import { packageVersionSchema } from '../../../shared/contracts/primitives.ts';

/** Reads channel manifests: XML without document types, so that nothing in it refers to anything outside of it or grows. */

export interface ManifestProblem {
  /** 1 = the first. */
  readonly line: number;
  readonly message: string;
}

export interface ManifestItem {
  readonly line: number;
  readonly subject:
    | { readonly kind: 'package'; readonly guid: PackageGuid; readonly version: string | null }
    | { readonly kind: 'source'; readonly source: string; readonly destination: string; readonly version: string };
  readonly notBeforeMs: number | null;
  readonly expiresAtMs: number | null;
  readonly priority: DeliveryPriority | null;
}

export interface Manifest {
  /** The channel that it says it is for; null = it says none. */
  readonly channel: { readonly line: number; readonly name: string } | null;
  readonly items: readonly ManifestItem[];
  /** Without any, the rest holds. */
  readonly problems: readonly ManifestProblem[];
}

const rootName = 'channel-manifest';
const itemAttributes = ['guid', 'source', 'destination', 'version', 'not-before', 'expires', 'priority'] as const;
type ItemAttribute = (typeof itemAttributes)[number];
/** Somebody corrects the first ones and tries again. */
const mostProblems = 100;

/** Ends the reading: what comes after would only confuse. */
class UnreadableError extends Error {}

interface OpenTag {
  readonly line: number;
  readonly attributes: Map<string, string>;
}

export function readManifest(xml: string): Manifest {
  const problems: ManifestProblem[] = [];
  const items: ManifestItem[] = [];
  let channel: Manifest['channel'] = null;
  let depth = 0;
  let tag: OpenTag = { line: 1, attributes: new Map() };
  const parser = new SaxesParser();
  const note = (line: number, message: string): void => {
    problems.push({ line, message });
    if (problems.length >= mostProblems) throw new UnreadableError();
  };
  const refuse = (message: string): never => {
    problems.push({ line: parser.line, message });
    throw new UnreadableError();
  };
  parser.on('error', ({ message }) => refuse(`This is no XML: ${message.replace(/^\d+:\d+: /, '')}`));
  parser.on('doctype', () => refuse('Manifests have no document type: take the line with <!DOCTYPE out.'));
  parser.on('text', (text) => {
    if (text.trim() !== '') note(parser.line, 'There is text between the elements: everything is said by attributes.');
  });
  parser.on('cdata', () => note(parser.line, 'There is text between the elements: everything is said by attributes.'));
  parser.on('opentagstart', () => {
    tag = { line: parser.line, attributes: new Map() };
  });
  parser.on('attribute', ({ name, value }) => tag.attributes.set(name, value));
  parser.on('opentag', ({ name }) => {
    depth++;
    const { line, attributes } = tag;
    if (depth === 1) {
      if (name !== rootName) refuse(`The manifest has to begin with <${rootName}>, not <${name.slice(0, 40)}>.`);
      channel = readRoot(tag, (message) => note(line, message));
    } else if (depth === 2 && name === 'item') {
      if (items.length >= maximumChannelItems) refuse(`A channel has at most ${maximumChannelItems} packages.`);
      const item = readItem(line, attributes, (message) => note(line, message));
      if (item !== null) items.push(item);
    } else refuse(`There is <${name.slice(0, 40)}> where only <item> can be, within <${rootName}>.`);
  });
  parser.on('closetag', () => {
    depth--;
  });
  try {
    parser.write(xml).close();
    if (items.length === 0 && problems.length === 0) note(1, 'The manifest names no package: it needs an <item>.');
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
  }
  return { channel, items, problems };
}

function readRoot({ line, attributes }: OpenTag, note: (message: string) => void): Manifest['channel'] {
  for (const name of attributes.keys()) {
    if (name !== 'channel') note(`<${rootName}> has no attribute "${name.slice(0, 40)}", only "channel".`);
  }
  const name = attributes.get('channel');
  return name === undefined ? null : { line, name };
}

function readItem(
  line: number,
  given: ReadonlyMap<string, string>,
  note: (message: string) => void,
): ManifestItem | null {
  let isRight = true;
  const wrong = (message: string): null => {
    isRight = false;
    note(message);
    return null;
  };
  for (const name of given.keys()) {
    if (itemAttributes.includes(name as ItemAttribute)) continue;
    wrong(`<item> has no attribute "${name.slice(0, 40)}"; it has ${itemAttributes.join(', ')}.`);
  }
  const get = (name: ItemAttribute): string | null => given.get(name) ?? null;
  const moment = (name: ItemAttribute): number | null => {
    const text = get(name);
    if (text === null) return null;
    const atMs = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    return atMs >= 0 ? atMs : wrong(`${name} has to be a moment with its zone, such as 2027-01-31T02:30+01:00.`);
  };
  const priority = deliveryPriorities.find((known) => known === get('priority')) ?? null;
  if (priority === null && get('priority') !== null) {
    wrong(`priority has to be one of ${deliveryPriorities.join(', ')}.`);
  }
  const subject = readSubject(get, wrong);
  const notBeforeMs = moment('not-before');
  const expiresAtMs = moment('expires');
  if (expiresAtMs !== null && expiresAtMs <= (notBeforeMs ?? 0)) wrong('expires has to come after not-before.');
  return !isRight || subject === null ? null : { line, subject, notBeforeMs, expiresAtMs, priority };
}

function readSubject(
  get: (name: ItemAttribute) => string | null,
  wrong: (message: string) => null,
): ManifestItem['subject'] | null {
  const [guid, source, destination, version] = [get('guid'), get('source'), get('destination'), get('version')];
  if (version !== null && !packageVersionSchema.safeParse(version).success) {
    return wrong('version has to be 1–64 letters, digits, dots, dashes, plus signs or underscores.');
  }
  if ((guid === null) === (source === null)) {
    return wrong('Say either by guid which package of the server it is, or by source what to import.');
  }
  if (guid !== null) {
    if (destination !== null) return wrong('destination goes with source: a package that is there has its name.');
    if (!isPackageGuid(guid)) return wrong('guid has to be a package GUID, a lower-case UUID.');
    return { kind: 'package', guid, version };
  }
  const pathProblem = packagePathProblem(source ?? '');
  if (pathProblem !== null) {
    return wrong(`source has to be a path below the import folder, with "/" between its parts: ${pathProblem}.`);
  }
  const name = destination?.trim() ?? '';
  if (name === '' || name.length > 200) {
    return wrong('destination has to say what the package is called, in at most 200 characters.');
  }
  // Without one, each import of the same manifest would make another version.
  if (version === null) return wrong('version has to say which version the source is.');
  return { kind: 'source', source: source ?? '', destination: name, version };
}
