import { describe, expect, test } from 'vitest';
import { parsePostgresAddress } from '../../electron/database/postgres/postgres-address.ts';

describe('the address of a PostgreSQL database', () => {
  test.each([
    ['postgres://fanout:s3cret@db.example:6432/fanout', 'fanout at db.example:6432'],
    ['postgresql://db.example/fanout?sslmode=verify-full', 'fanout at db.example:5432'],
    ['postgres://f:s3cret@localhost/fanout?host=/var/run/postgresql', 'fanout at /var/run/postgresql'],
    ['postgres://f:s3cret%40@[::1]:5433/my%20base', 'my base at [::1]:5433'],
  ])('%s is shown as %s', (text, shown) => {
    expect(parsePostgresAddress(text)).toEqual({ url: text, shown });
  });

  test.each([
    ['', /not an address/],
    ['s3cret', /not an address/],
    ['mysql://root:s3cret@db/fanout', /Only PostgreSQL/],
    ['postgres://fanout:s3cret@db.example', /ends with the name of one database/],
    ['postgres://fanout:s3cret@db.example/a/b', /ends with the name of one database/],
    ['postgres:///fanout', /names no host/],
    ['postgres://fanout:s3cret%@db.example/fanout', /write % as %25/],
    ['postgres://fanout:s3cret@db.example:70000/fanout', /not an address/],
  ])('%s is refused without repeating its password', (text, sentence) => {
    const parsed = parsePostgresAddress(text);
    expect(parsed).toMatchObject({ problem: expect.stringMatching(sentence) });
    expect(JSON.stringify(parsed)).not.toContain('s3cret');
  });
});
