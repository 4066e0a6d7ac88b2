import { expect, it } from 'vitest';
import { chooseInterface } from '../../electron/cli/agent-interface.ts';

const addresses = [
  { name: 'lo', address: '127.0.0.1', prefixLength: 8, isInternal: true },
  { name: 'wlan0', address: '192.168.7.4', prefixLength: 24, isInternal: false },
  { name: 'eth0', address: '10.2.9.4', prefixLength: 16, isInternal: false },
];

it('lives on the card that is in the subnet of the server', () => {
  expect(chooseInterface({}, '10.2.0.1', addresses)).toEqual({ name: 'eth0', address: '10.2.9.4', prefixLength: 16 });
});

it('lives on the first card when the server is far away or has a name only', () => {
  expect(chooseInterface({}, '203.0.113.9', addresses)?.name).toBe('wlan0');
  expect(chooseInterface({}, 'fanout.example', addresses)?.name).toBe('wlan0');
});

it('lives on loopback when the server does', () => {
  expect(chooseInterface({}, 'localhost', addresses)).toEqual({
    name: 'Loopback',
    address: '127.0.0.1',
    prefixLength: 24,
  });
});

it('takes the address that it is told, with the prefix of its card or the one that it is told', () => {
  expect(chooseInterface({ address: '10.2.9.4' }, 'x', addresses)?.prefixLength).toBe(16);
  expect(chooseInterface({ address: '10.2.9.4', prefixLength: 20 }, 'x', addresses)?.prefixLength).toBe(20);
  expect(chooseInterface({ address: '127.5.6.7' }, 'x', addresses)?.prefixLength).toBe(24);
});

it('has none where the computer does not have the address, or no card at all', () => {
  expect(chooseInterface({ address: '10.9.9.9' }, 'x', addresses)).toBeNull();
  expect(chooseInterface({}, '10.2.0.1', addresses.slice(0, 1))).toBeNull();
});
