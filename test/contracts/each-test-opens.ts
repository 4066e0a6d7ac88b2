import { afterEach, beforeEach } from 'vitest';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';

/** Every test of the suite has a database of its own, with what `prepare` puts into it. */
export function eachTestOpens(
  open: () => Promise<DatabaseAccess>,
  prepare: (access: DatabaseAccess) => Promise<unknown> | undefined,
): void {
  let access: DatabaseAccess;
  beforeEach(async () => {
    access = await open();
    await prepare(access);
  });
  afterEach(() => access.close());
}
