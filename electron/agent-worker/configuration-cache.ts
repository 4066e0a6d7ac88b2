import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { agentConfigurationSchema } from '../../shared/contracts/agent-api.ts';
import { messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';
import { writeFileDurably } from './durable-files.ts';

const cachedSchema = z.object({
  etag: z.string(),
  /** Of the own clock to the server's, milliseconds. */
  serverTimeOffsetMs: z.number().int(),
  configuration: agentConfigurationSchema,
});
type Cached = z.infer<typeof cachedSchema>;

/** The last configuration, on disk: to start with while the server does not answer, and to ask for changes only. */
export class ConfigurationCache {
  readonly #file: string;
  readonly #logger: AgentLogger;
  #cached: Cached | null;
  #isOnDisk = true;

  private constructor(file: string, cached: Cached | null, logger: AgentLogger) {
    this.#file = file;
    this.#cached = cached;
    this.#logger = logger;
  }

  static async open(dataFolder: string, logger: AgentLogger): Promise<ConfigurationCache> {
    const file = path.join(dataFolder, 'configuration.json');
    const text = await readFile(file, 'utf8').catch(() => 'null');
    // One of another product version, or cut by a crash: the server has the right one.
    const cached = cachedSchema.safeParse(parseJson(text));
    return new ConfigurationCache(file, cached.success ? cached.data : null, logger);
  }

  get configuration(): AgentConfiguration | null {
    return this.#cached?.configuration ?? null;
  }

  get etag(): string | null {
    return this.#cached?.etag ?? null;
  }

  get serverTimeOffsetMs(): number {
    return this.#cached?.serverTimeOffsetMs ?? 0;
  }

  /** In force at once. When it resolves it is on disk too, unless that is full: then `write` tries again. */
  async keep(configuration: AgentConfiguration, etag: string, serverTimeOffsetMs: number): Promise<void> {
    this.#cached = { etag, serverTimeOffsetMs, configuration };
    this.#isOnDisk = false;
    await this.write();
  }

  /**
   * Makes up for a write that failed, where there is one. It holds the group keys, so only the owner may read it. A policy is
   * in force also while it cannot be written: it may be the one that makes room.
   */
  async write(): Promise<void> {
    if (this.#isOnDisk) return;
    try {
      await writeFileDurably(this.#file, JSON.stringify(this.#cached), 0o600);
      this.#isOnDisk = true;
    } catch (error) {
      this.#logger.warn({ reason: messageOf(error) }, 'the configuration could not be written to the disk yet');
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null.
    return null;
  }
}
