import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import type { PostgresAddress } from '../../electron/database/postgres/postgres-address.ts';
import { parsePostgresAddress } from '../../electron/database/postgres/postgres-address.ts';

export function postgresAddress(url: string): PostgresAddress {
  const address = parsePostgresAddress(url);
  if ('problem' in address) throw new Error(address.problem);
  return address;
}

export function postgresAccess(url: string): Promise<DatabaseAccess> {
  return openDatabaseAccess({ postgres: postgresAddress(url) });
}
