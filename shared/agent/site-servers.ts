import type { AgentId } from '../base/ids.ts';
import { agentIdOfCertificateName } from '../base/ids.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';

/** A Notification Server that does not say where to download is waited for so long before the subnet helps itself. */
const longestQuestionMs = 3000;

export interface SiteServersOwner {
  /** Asks the Notification Server for codebases, unless they are known. */
  askForCodebases(): void;
  /** What is known; null while they are asked for. */
  codebases(): readonly Codebase[] | null;
  /** Blocks come from these agents as from a server: what they say as peers is not heeded. None = they are peers again. */
  serversChanged(servers: readonly AgentId[]): void;
}

/**
 * Whether one package is fetched from a Package Server of the own site: then nobody claims. That is found out when the download
 * begins, and ends for this download when none of them can be had any longer.
 */
export class SiteServers {
  readonly #context: AgentContext;
  readonly #owner: SiteServersOwner;
  #phase: 'claims' | 'asking' | 'site' = 'claims';
  #untilMs = 0;
  /** From which the servers in use were taken. */
  #followed: readonly Codebase[] | null = null;

  constructor(context: AgentContext, owner: SiteServersOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get areUsed(): boolean {
    return this.#phase === 'site';
  }

  /** When a question is over that keeps everything waiting; null where nothing is asked. */
  get waitsUntilMs(): number | null {
    return this.#phase === 'asking' ? this.#untilMs : null;
  }

  begin(): void {
    const { configuration, packageServer } = this.#context;
    // Those of its own site are a Package Server's peers.
    if (configuration?.site?.hasPackageServer !== true || packageServer !== null) return;
    this.#phase = 'asking';
    this.#untilMs = this.#context.nowMs() + longestQuestionMs;
    this.#owner.askForCodebases();
  }

  /** Every codebase has failed, or nobody said which there are. */
  allFailed(): void {
    this.#leave();
  }

  /** Follows what is known of the codebases by now. */
  step(nowMs: number): void {
    if (this.#phase === 'claims') return;
    const codebases = this.#owner.codebases();
    if (codebases === null) {
      if (this.#phase === 'asking' && nowMs >= this.#untilMs) this.#leave();
      return;
    }
    if (codebases === this.#followed) return;
    this.#followed = codebases;
    const servers = ownSiteServers(codebases);
    if (servers.length === 0) {
      this.#leave();
      return;
    }
    if (this.#phase === 'site') return;
    this.#phase = 'site';
    this.#owner.serversChanged(servers);
  }

  #leave(): void {
    if (this.#phase === 'claims') return;
    this.#phase = 'claims';
    this.#owner.serversChanged([]);
  }
}

function ownSiteServers(codebases: readonly Codebase[]): AgentId[] {
  return codebases.flatMap(({ source, certificateName }) => {
    return source === 'package-server-own-site' ? (agentIdOfCertificateName(certificateName) ?? []) : [];
  });
}
