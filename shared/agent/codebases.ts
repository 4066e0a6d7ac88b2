import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';
import type { PackageManifest } from './ports.ts';

/** The catalogue of sources may change while a package is on its way. */
const validMs = 600_000;
/** A Package Server of the own site that failed is not asked again for this package before. */
const ownSitePauseMs = 60_000;

/** What it takes from the agent. */
export type CodebasesContext = Pick<AgentContext, 'commands' | 'nowMs'> & {
  readonly ports: Pick<AgentContext['ports'], 'server'>;
};

export interface CodebasesOwner {
  /** They are there: look again. */
  known(): void;
  /** Every one of them has failed, or the server named none. */
  allFailed(): void;
}

/** Where one package can be downloaded from, as the Notification Server said, and which of it can be had now. */
export class Codebases {
  readonly #context: CodebasesContext;
  readonly #manifest: Pick<PackageManifest, 'guid' | 'version'>;
  readonly #owner: CodebasesOwner;
  #codebases: readonly Codebase[] | null = null;
  #knownAtMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** Tells answers to questions from before a restart. */
  #asked = 0;
  #current = 0;
  /** By URL: an answer names them anew. */
  readonly #pausedUntilMs = new Map<string, number>();
  readonly #busyUntilMs = new Map<string, number>();

  constructor(context: CodebasesContext, manifest: Pick<PackageManifest, 'guid' | 'version'>, owner: CodebasesOwner) {
    this.#context = context;
    this.#manifest = manifest;
    this.#owner = owner;
  }

  /** Those that have not failed; null while they are asked for. */
  get known(): readonly Codebase[] | null {
    if (this.#isAsking || this.#codebases === null) return null;
    // The same array each time while nothing changes: who follows it looks at every step.
    return this.#current === 0 ? this.#codebases : this.#codebases.slice(this.#current);
  }

  get isOwnSite(): boolean {
    return this.#codebases?.[this.#current]?.source === 'package-server-own-site';
  }

  restart(): void {
    this.#codebases = null;
    this.#pausedUntilMs.clear();
    this.#busyUntilMs.clear();
    this.#isAsking = false;
    this.#asked++;
  }

  /** The one to ask now; null where that is not known yet, and it is asked for, or where those of the own site are busy. */
  current(nowMs: number): Codebase | null {
    // Whether one of the own site is left decides whether a claim is needed for the next.
    if (this.#isAsking) return null;
    if (this.#codebases === null || nowMs - this.#knownAtMs >= validMs) {
      this.#ask();
      return null;
    }
    const first = this.#codebases[this.#current] ?? null;
    if (first?.source !== 'package-server-own-site') return first;
    return this.#nextOfOwnSite(nowMs);
  }

  /** When the first of those that are busy may be asked again; Infinity where none is. */
  busyUntilMs(nowMs: number): number {
    const ends = this.#ownSite().map(({ url }) => this.#busyUntilMs.get(url) ?? 0);
    return Math.min(Number.POSITIVE_INFINITY, ...ends.filter((endMs) => endMs > nowMs));
  }

  noteBusy({ url }: Codebase, untilMs: number): void {
    this.#busyUntilMs.set(url, untilMs);
  }

  /** A block has come: who was busy before is asked in the usual order again. */
  noteStored(nowMs: number): void {
    for (const [url, untilMs] of this.#busyUntilMs) if (untilMs <= nowMs) this.#busyUntilMs.delete(url);
  }

  noteFailed(codebase: Codebase, nowMs: number): void {
    if (codebase.source === 'package-server-own-site') {
      this.#ownSiteFailed(codebase, nowMs);
      return;
    }
    // Of two requests that fail together only the first moves on.
    if (this.#codebases?.[this.#current]?.url !== codebase.url) return;
    this.#current++;
    if (this.#current < this.#codebases.length) return;
    this.#codebases = null;
    this.#owner.allFailed();
  }

  /** The Notification Server knows which ones are there: it is asked again where no other of the site is left. */
  #ownSiteFailed(codebase: Codebase, nowMs: number): void {
    this.#pausedUntilMs.set(codebase.url, nowMs + ownSitePauseMs);
    // All have failed meanwhile, or they are asked for: none is not the same as not known.
    if (this.#codebases === null) return;
    const before = this.#codebases.length;
    this.#codebases = this.#withoutPaused(this.#codebases, nowMs);
    if (this.#codebases.length < before && !this.isOwnSite && !this.#isAsking) this.#ask();
  }

  /**
   * Of those that are not busy one that was not, in their order, or else the one whose turn is longest ago. So all of them are
   * asked in the end, also the one that waits for what this agent claimed to fetch: asked for it, it fetches it itself.
   */
  #nextOfOwnSite(nowMs: number): Codebase | null {
    let next: Codebase | null = null;
    let nextBusyUntilMs = Number.POSITIVE_INFINITY;
    for (const codebase of this.#ownSite()) {
      const busyUntilMs = this.#busyUntilMs.get(codebase.url) ?? 0;
      if (busyUntilMs > nowMs || busyUntilMs >= nextBusyUntilMs) continue;
      next = codebase;
      nextBusyUntilMs = busyUntilMs;
    }
    return next;
  }

  #ownSite(): readonly Codebase[] {
    return (this.#codebases ?? []).filter(({ source }) => source === 'package-server-own-site');
  }

  #withoutPaused(codebases: readonly Codebase[], nowMs: number): Codebase[] {
    return codebases.filter(({ url }) => (this.#pausedUntilMs.get(url) ?? 0) <= nowMs);
  }

  #ask(): void {
    this.#isAsking = true;
    const asked = this.#asked;
    const commandId = this.#context.commands.begin((result) => {
      if (asked !== this.#asked) return;
      this.#isAsking = false;
      const nowMs = this.#context.nowMs();
      const told = result.kind === 'codebasesReceived' ? result.codebases : (this.#codebases ?? []);
      const codebases = this.#withoutPaused(told, nowMs);
      if (codebases.length === 0) {
        this.#codebases = null;
        this.#owner.allFailed();
        return;
      }
      this.#codebases = codebases;
      this.#knownAtMs = nowMs;
      this.#current = 0;
      this.#owner.known();
    });
    this.#context.ports.server.fetchCodebases(commandId, this.#manifest.guid, this.#manifest.version);
  }
}
