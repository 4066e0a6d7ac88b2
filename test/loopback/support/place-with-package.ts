import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { SiteDraft } from '../../../shared/contracts/sites-api.ts';
import type { ServerPlaceParts } from '../../notification-server/support/server-place.ts';
import { openServerPlace } from '../../notification-server/support/server-place.ts';
import type { TestAgent } from '../../notification-server/support/test-agent.ts';
import { importPackage } from '../../notification-server/support/test-server.ts';
import { LoopbackPlace } from './agents-on-loopback.ts';

interface ImportedPackage {
  readonly guid: PackageGuid;
  readonly version: string;
}

/** A place whose server has one package, to be asked for it from the sites that a test makes. */
export class PlaceWithPackage extends LoopbackPlace {
  readonly subject: ImportedPackage;

  private constructor(parts: ServerPlaceParts, subject: ImportedPackage) {
    super(parts);
    this.subject = subject;
  }

  static async open(content: Buffer): Promise<PlaceWithPackage> {
    const parts = await openServerPlace({});
    const source = path.join(parts.folder.path, 'package.bin');
    await writeFile(source, content);
    return new PlaceWithPackage(parts, await importPackage(parts.server, source));
  }

  /** Returns the id of a new site of one subnet, whose link has no limit unless `more` says so. */
  async site(name: string, subnet: string, more: Partial<SiteDraft> = {}): Promise<string> {
    const body = { name, subnets: [subnet], wanKilobitsPerSecond: 0, ...more };
    return (await this.server.call('createSite', { body })).id;
  }

  /** What the server answers to an agent that asks it for the first block. */
  async blockStatus(asking: TestAgent): Promise<number> {
    const { guid, version } = this.subject;
    return (await asking.request(`/packages/${guid}/${version}/blocks/0`)).status;
  }
}
