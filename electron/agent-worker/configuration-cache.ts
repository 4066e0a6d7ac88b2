import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { agentConfigurationSchema } from '../../shared/contracts/agent-api.ts';
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
  #cached: Cached | null;

  private constructor(file: string, cached: Cached | null) {
    this.#file = file;
    this.#cached = cached;
  }

  static async open(dataFolder: string): Promise<ConfigurationCache> {
    const file = path.join(dataFolder, 'configuration.json');
    const text = await readFile(file, 'utf8').catch(() => 'null');
    // One of another product version, or cut by a crash: the server has the right one.
    const cached = cachedSchema.safeParse(parseJson(text));
    return new ConfigurationCache(file, cached.success ? cached.data : null);
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

  /** In force at once, on disk when it resolves. Holds the group keys, so only the owner may read it. */
  async keep(configuration: AgentConfiguration, etag: string, serverTimeOffsetMs: number): Promise<void> {
    this.#cached = { etag, serverTimeOffsetMs, configuration };
    await writeFileDurably(this.#file, JSON.stringify(this.#cached), 0o600);
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
