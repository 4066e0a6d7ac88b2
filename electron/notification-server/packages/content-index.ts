import type { PackageKey } from '../../../shared/base/ids.ts';
import type { PackageLibrary } from './package-library.ts';

export interface FileSection {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** The largest has 200,000 files. */
const maximumKnown = 8;

/** Where the files of packages lie in their content, as the snapshots say. */
export class ContentIndex {
  readonly #library: PackageLibrary;
  readonly #known = new Map<PackageKey, ReadonlyMap<string, FileSection>>();

  constructor(library: PackageLibrary) {
    this.#library = library;
  }

  /** By path, in the order of the content. */
  async filesOf(key: PackageKey): Promise<ReadonlyMap<string, FileSection>> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { files } = await this.#library.snapshot(key);
    const sections = new Map(files.map(({ path, offsetBytes, sizeBytes }) => [path, { offsetBytes, sizeBytes }]));
    if (this.#known.size >= maximumKnown) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    this.#known.set(key, sections);
    return sections;
  }
}
