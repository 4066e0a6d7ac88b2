import { expect, it } from 'vitest';
import { databaseOption, integerOption, listenOption, serverUrlOption } from '../../electron/cli/option-values.ts';

it('reads where to listen, with what is missing filled in', () => {
  expect(listenOption('0.0.0.0:28000')).toEqual({ address: '0.0.0.0', port: 28000 });
  expect(listenOption('10.1.2.3')).toEqual({ address: '10.1.2.3', port: 27800 });
  expect(listenOption('0')).toEqual({ address: '127.0.0.1', port: 0 });
});

it.each(['', 'server.example:1', '10.1.2:3', '10.1.2.3:70000', '10.1.2.300:1', '1.2.3.4:5:6', ':80'])(
  'refuses to listen at "%s"',
  (text) => expect(() => listenOption(text)).toThrow('Give an IPv4 address and a port'),
);

it('takes whole numbers of a range only', () => {
  const percent = integerOption(1, 99);
  expect(percent('50')).toBe(50);
  for (const text of ['0', '100', '5.5', '-1', '', '1e1', 'many']) expect(() => percent(text)).toThrow('1 to 99');
});

it('takes the origin of a server only', () => {
  expect(serverUrlOption('https://server.example:27800/')).toBe('https://server.example:27800');
  for (const text of ['server.example', 'ftp://server.example', 'https://server.example/console']) {
    expect(() => serverUrlOption(text)).toThrow('Give an address such as');
  }
});

const fanoutDatabase = { postgres: 'postgres://fanout:s3cret@db.example/fanout', shown: 'fanout at db.example:5432' };

it('takes the database from its option, or from the environment, from where it goes away', () => {
  const environment = { FANOUT_DATABASE: fanoutDatabase.postgres };
  expect(databaseOption(undefined, environment)).toMatchObject({ shown: fanoutDatabase.shown });
  expect(environment).toEqual({});
  expect(databaseOption(undefined, environment)).toBe(null);
  expect(databaseOption(fanoutDatabase.postgres, {})).toMatchObject({ shown: fanoutDatabase.shown });
});

it.each([
  ['option', /^--database cannot be used/],
  ['environment', /^FANOUT_DATABASE cannot be used/],
])('names the %s that holds no database, and repeats nothing of it', (source, sentence) => {
  const text = 'postgres://fanout:s3cret@db.example';
  const read = () =>
    source === 'option' ? databaseOption(text, {}) : databaseOption(undefined, { FANOUT_DATABASE: text });
  expect(read).toThrow(sentence);
  expect(read).not.toThrow(/s3cret/);
});
