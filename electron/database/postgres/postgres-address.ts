/** A PostgreSQL database as an administrator names it, and how it may be written into logs and messages. */
export interface PostgresAddress {
  /** With the password: for the driver alone. */
  readonly url: string;
  /** `fanout at db.example:5432`, without user and password. */
  readonly shown: string;
}

export type PostgresAddressProblem = { readonly problem: string };

const example = 'postgres://fanout:PASSWORD@db.example:5432/fanout';

/**
 * Reads `postgres://user:password@host:port/database`; a Unix socket is `postgres://user@localhost/database?host=/folder`.
 * What is wrong is a sentence that repeats nothing of the input, which may hold a password.
 */
export function parsePostgresAddress(text: string): PostgresAddress | PostgresAddressProblem {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { problem: `That is not an address of a database. Give one such as ${example}.` };
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    return {
      problem: `Only PostgreSQL is supported besides the embedded database. Give an address such as ${example}.`,
    };
  }
  const database = decoded(url.pathname.slice(1));
  const host = url.searchParams.get('host') ?? decoded(url.hostname);
  if (database === null || host === null || decoded(url.password) === null || decoded(url.username) === null) {
    return { problem: 'The address of the database has a % that does not begin a code of two digits; write % as %25.' };
  }
  if (host === '') return { problem: `The address of the database names no host. Give one such as ${example}.` };
  if (database === '' || database.includes('/')) {
    return { problem: `The address of the database ends with the name of one database, such as ${example}.` };
  }
  const port = url.searchParams.get('port') ?? (url.port === '' ? '5432' : url.port);
  return { url: text, shown: `${database} at ${host}${host.startsWith('/') ? '' : `:${port}`}` };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
